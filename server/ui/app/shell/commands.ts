/**
 * What the command palette offers for a text.
 *
 * @module
 */

import { PAGES } from "../pages.ts";
import { go } from "../place.ts";
import { sharedParams } from "../shared_params.ts";
import { pastedTrace } from "./pasted.ts";

/** One thing to do. */
export interface Command {
  readonly id: string;
  /** One word before the name. */
  readonly kind: string;
  readonly name: string;
  readonly about: string;
  run(): void;
}

/** What the shell lends the palette. */
export interface PaletteActions {
  switchTheme(): void;
  showHelp(): void;
  copyAbsolute(): void;
}

/**
 * Commands for a text, best first.
 *
 * @param recent Traces opened lately: id, name, what is known of it.
 */
export function commandsFor(
  text: string,
  recent: readonly (readonly [string, string, string])[],
  params: URLSearchParams,
  actions: PaletteActions,
): Command[] {
  const shared = sharedParams(params);
  const pasted = pastedTrace(text);
  if (pasted !== null) {
    const { traceId, spanId } = pasted;
    return [{
      id: traceId,
      kind: "Trace",
      name: traceId,
      about: spanId === null ? "open it" : `open it at span ${spanId}`,
      run: () => go(`/traces/${traceId}`, sharedParams(params, spanId ? { span: spanId } : {})),
    }];
  }
  const all: Command[] = [
    ...PAGES.map((page): Command => ({
      id: page.path,
      kind: "Page",
      name: page.name,
      about: page.about,
      run: () => go(page.path, shared),
    })),
    ...recent.map(([traceId, name, about]): Command => ({
      id: traceId,
      kind: "Recent",
      name: name === "" ? traceId : name,
      about,
      run: () => go(`/traces/${traceId}`, shared),
    })),
    {
      id: "copy",
      kind: "Do",
      name: "Copy link with absolute time",
      about: "whoever opens it sees the same window",
      run: actions.copyAbsolute,
    },
    {
      id: "theme",
      kind: "Do",
      name: "Switch between light and dark",
      about: "",
      run: actions.switchTheme,
    },
    {
      id: "help",
      kind: "Do",
      name: "Keyboard help",
      about: "all keys",
      run: actions.showHelp,
    },
  ];
  const words = text.trim().toLowerCase().split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) return all;
  const fits = ({ id, kind, name, about }: Command) => {
    const whole = `${kind} ${name} ${about} ${id}`.toLowerCase();
    return words.every((word) => whole.includes(word));
  };
  return [
    ...all.filter(fits),
    {
      id: "search",
      kind: "Search",
      name: text.trim(),
      about: "in all traces",
      run: () => go("/traces", sharedParams(params, { q: text.trim() })),
    },
  ];
}
