/**
 * Where the page is: path and parameters of the address, which hold all of its state.
 *
 * @module
 */

import { useEffect, useState } from "preact/hooks";

/** A place in the application. */
export interface Place {
  /** Beginning with a slash, without the prefix the server is reached under. */
  readonly path: string;
  readonly params: URLSearchParams;
}

/** What to change in the parameters; null removes one. */
export type ParamChanges = Readonly<Record<string, string | null>>;

/** The folder the application is served from, ending with a slash; read once, before the address changes. */
export const BASE_URL: string = new URL(".", document.baseURI).href;
const BASE_PATH = new URL(BASE_URL).pathname;

const listeners = new Set<() => void>();
addEventListener("popstate", () => announce());

function announce(): void {
  for (const listener of listeners) listener();
}

/** The present place. */
export function currentPlace(): Place {
  const { pathname, search } = location;
  const path = pathname.startsWith(BASE_PATH) ? pathname.slice(BASE_PATH.length) : "";
  return { path: `/${path}`, params: new URLSearchParams(search) };
}

/** The address of a place, with the prefix. */
export function hrefOf(path: string, params?: URLSearchParams): string {
  const query = params?.toString() ?? "";
  return `${BASE_PATH}${path.slice(1)}${query === "" ? "" : `?${query}`}`;
}

/** Goes to a place; with `replace`, the present one does not stay in the history. */
export function go(path: string, params: URLSearchParams, replace = false): void {
  const href = hrefOf(path, params);
  const leaves = path !== currentPlace().path;
  if (replace) history.replaceState(null, "", href);
  else history.pushState(null, "", href);
  announce();
  if (leaves) scrollTo(0, 0);
}

/** Parameters with changes made. */
export function changed(params: URLSearchParams, changes: ParamChanges): URLSearchParams {
  const result = new URLSearchParams(params);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") result.delete(name);
    else result.set(name, value);
  }
  return result;
}

/** Changes parameters of the present place. */
export function setParams(changes: ParamChanges, replace = false): void {
  const { path, params } = currentPlace();
  go(path, changed(params, changes), replace);
}

/** The present place, followed. */
export function usePlace(): Place {
  const [place, setPlace] = useState(currentPlace);
  useEffect(() => {
    const listener = () => setPlace(currentPlace());
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
  return place;
}
