/**
 * Makes text from the data safe to look at. Nothing here is about markup: the page only ever makes text nodes.
 *
 * @module
 */

/** Control and format characters, but for tab, line feed, and the joiner that emoji are made with. */
const INVISIBLE = /(?![\t\n\u200d])[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/**
 * Shows characters that have no picture of their own or that reorder their neighbours: control characters as their
 * Unicode pictures, direction marks and zero-width characters by number.
 *
 * @param text Any text.
 * @param maxLength Most UTF-16 units to keep; what is cut is marked by an ellipsis.
 */
export function visibleText(text: string, maxLength = Infinity): string {
  const kept = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  return kept.replace(INVISIBLE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    if (code === 0x7f) return "\u2421";
    return `‹U+${code.toString(16).toUpperCase().padStart(4, "0")}›`;
  });
}

/** A JSON text as a person would write the value: strings without quotes, all else as it stands. */
export function valueText(json: string): string {
  if (!json.startsWith('"')) return json;
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "string" ? value : json;
  } catch {
    return json;
  }
}

/** An address worth a link: only web addresses. */
export function webAddress(text: string): string | null {
  if (!/^https?:\/\/\S+$/i.test(text) || text.length > 2000) return null;
  return URL.canParse(text) ? text : null;
}
