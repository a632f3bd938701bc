/**
 * The names under which one model is called.
 *
 * @module
 */

/** `us.anthropic.` and the like, as AWS Bedrock writes models. */
const BEDROCK = /^(?:[a-z]{2,6}\.)?(?:ai21|amazon|anthropic|cohere|deepseek|meta|mistral|openai)\./;
/** A revision of a deployment: `-v1`, `-v2:0`. */
const REVISION = /-v\d+(?::\d+)?$/;
/** A snapshot: a date, a month and day or year and month, a number of three digits, `latest`. */
const SNAPSHOT = /[-@](?:\d{4}-\d{2}-\d{2}|\d{8}|\d{4}|\d{3}|latest)$/;

/**
 * Names to look a model up by, the most specific first: as given, without the path or prefix of who serves it, and
 * without its snapshot.
 *
 * @example
 * ```ts
 * modelNames("us.anthropic.claude-3-5-sonnet-20240620-v1:0").at(-1); // "claude-3-5-sonnet"
 * ```
 */
export function modelNames(model: string): string[] {
  const given = model.trim().toLowerCase();
  const bare = given.slice(given.lastIndexOf("/") + 1).replace(BEDROCK, "");
  const unrevised = bare.replace(REVISION, "");
  const family = unrevised.replace(SNAPSHOT, "");
  return [...new Set([given, bare, unrevised, family, family.replace(REVISION, "")])];
}
