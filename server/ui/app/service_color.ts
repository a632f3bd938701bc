/**
 * The colour of a service: the same wherever it is shown.
 *
 * @module
 */

const HUES = 12;

/** One of twelve classes, by a hash of the name (FNV-1a). */
export function hueClass(name: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) {
    hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193) >>> 0;
  }
  return `hue-${hash % HUES}`;
}
