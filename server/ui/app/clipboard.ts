/**
 * Puts text on the clipboard.
 *
 * @module
 */

/**
 * Copies a text.
 *
 * @throws When the browser does not let it.
 */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) return await navigator.clipboard.writeText(text);
  // Without TLS, browsers offer no clipboard except on this machine; the older way still works.
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "sr";
  const focused = document.activeElement;
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  if (!copied) throw new Error("the browser refused");
}
