/**
 * Keyboard shortcuts.
 *
 * @module
 */

import { setting } from "./settings.ts";

/**
 * Whether a key press belongs to a field, a dialog or the browser, not to the page. Keys that write a character do
 * nothing where the person switched them off (WCAG 2.1.4), for those whose software types what it hears.
 */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
  if (event.key.length === 1 && event.key !== " " && setting("keys") === "off") return true;
  const { target } = event;
  if (!(target instanceof HTMLElement)) return false;
  return target.closest("input:not([type=checkbox]), textarea, select, dialog") !== null;
}
