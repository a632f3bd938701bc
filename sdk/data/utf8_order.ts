/**
 * Compares two strings by their UTF-8 bytes, which is also the order of their code points. JavaScript's own order is
 * by UTF-16 code units and differs where surrogates meet U+E000–U+FFFF.
 *
 * @param a one string
 * @param b the other
 * @returns negative, zero or positive, as a comparator
 * @example
 * ```ts
 * import { compareUtf8 } from "./mod.ts";
 *
 * ["\u{1F600}", "\uFF5E"].sort(compareUtf8); // ["\uFF5E", "\u{1F600}"]
 * ```
 */
export function compareUtf8(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const xSurrogate = x >= 0xd800 && x <= 0xdfff;
    const ySurrogate = y >= 0xd800 && y <= 0xdfff;
    // A surrogate stands for a code point above U+FFFF and so sorts after every other unit.
    return xSurrogate === ySurrogate ? x - y : xSurrogate ? 1 : -1;
  }
  return a.length - b.length;
}
