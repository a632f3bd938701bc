/**
 * What a person chose for this browser: theme, time zone and the like. Everything else is in the address.
 *
 * @module
 */

import { useEffect, useState } from "preact/hooks";

/** Names of the settings, as stored. */
export type SettingName = "theme" | "zone" | "rail" | "keys" | "recent";

const listeners = new Set<() => void>();
const values = new Map<SettingName, string>();

/** A setting, or "" where nothing was chosen. Browsers may refuse storage; then choices last as long as the page. */
export function setting(name: SettingName): string {
  const known = values.get(name);
  if (known !== undefined) return known;
  let stored = "";
  try {
    stored = localStorage.getItem(`scouter.${name}`) ?? "";
  } catch {
    // Storage is refused: see above.
  }
  values.set(name, stored);
  return stored;
}

/** Chooses. */
export function choose(name: SettingName, value: string): void {
  values.set(name, value);
  try {
    localStorage.setItem(`scouter.${name}`, value);
  } catch {
    // Storage is refused: see above.
  }
  if (name === "theme") showTheme();
  for (const listener of listeners) listener();
}

/** A setting, followed. */
export function useSetting(name: SettingName): string {
  const [value, setValue] = useState(() => setting(name));
  useEffect(() => {
    const listener = () => setValue(setting(name));
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, [name]);
  return value;
}

/** The theme shown now. */
export function themeNow(): "light" | "dark" {
  const chosen = setting("theme");
  if (chosen === "light" || chosen === "dark") return chosen;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** Puts the theme on the page. */
export function showTheme(): void {
  document.documentElement.dataset["theme"] = themeNow();
}
