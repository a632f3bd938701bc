/**
 * Doubles as text.
 *
 * @module
 */

/**
 * Writes a finite double with the fewest digits that tell it apart, and always so that it can be told from a whole
 * number: `25.0`, `0.00001`, `1e16`. Plain notation reaches from 1e-5 to below 1e16.
 *
 * @param value a finite number
 * @returns the text
 */
export function floatText(value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const sign = value < 0 ? "-" : "";
  const [mantissa = "", power = "0"] = Math.abs(value).toExponential().split("e");
  const digits = mantissa.replace(".", "");
  // The decimal point stands before this digit.
  const point = Number(power) + 1;
  if (point > 16 || point <= -5) return `${sign}${mantissa}e${Number(power)}`;
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (digits.length <= point) return `${sign}${digits.padEnd(point, "0")}.0`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
