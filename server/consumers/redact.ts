/**
 * Errors of broker clients as text that may be logged and shown.
 *
 * @module
 */

const MAX_LENGTH = 300;

/**
 * What happened, without what nobody should read: the user and password of any address in it, and the secrets given.
 *
 * @param error Anything thrown.
 * @param secrets Texts to leave out wherever they occur.
 */
export function describeError(error: unknown, secrets: readonly string[] = []): string {
  let text = messageOf(error);
  for (const secret of secrets) {
    if (secret !== "") text = text.replaceAll(secret, "***");
  }
  text = text.replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, "$1***@");
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}

/** The passwords inside an address, as written and decoded. */
export function secretsOf(uri: string): string[] {
  if (!URL.canParse(uri)) return uri === "" ? [] : [uri];
  const { password } = new URL(uri);
  return password === "" ? [] : [password, decodeURIComponent(password)];
}

/** Clients wrap the reason of a failure several times over; the innermost says most. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = "errors" in error && Array.isArray(error.errors)
    ? error.errors.at(-1)
    : error.cause;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const own = error.message || code || error.name;
  if (!(inner instanceof Error)) return own;
  const reason = messageOf(inner);
  // Some repeat in their own message what they wrap, once for every try.
  const [first = own] = own.split(/\.(?: |$)/);
  return reason === "" || first.includes(reason) ? first : `${first} (${reason})`;
}
