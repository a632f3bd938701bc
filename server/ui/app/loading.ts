/**
 * Loads what a page shows.
 *
 * @module
 */

import { useCallback, useLayoutEffect, useState } from "preact/hooks";
import { type Failure, failureOf } from "./api.ts";

/** The state of something loaded. What was loaded last stays while newer data is under way. */
export interface Loaded<T> {
  readonly data: T | null;
  readonly failure: Failure | null;
  readonly loading: boolean;
  /** Loads again. */
  reload(): void;
}

interface State<T> {
  readonly data: T | null;
  readonly failure: Failure | null;
  readonly key: string | null;
}

/**
 * Loads whenever `key` changes. A load that was overtaken is aborted and its answer ignored.
 *
 * @param key What the answer depends on.
 * @param load Asks the server.
 */
export function useLoad<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<State<T>>({ data: null, failure: null, key: null });
  const [attempt, setAttempt] = useState(0);
  const wanted = `${attempt} ${key}`;
  // Before the page is painted: the server works while the browser draws the skeleton.
  useLayoutEffect(() => {
    const abort = new AbortController();
    load(abort.signal).then(
      (data) => {
        if (!abort.signal.aborted) setState({ data, failure: null, key: wanted });
      },
      (thrown) => {
        if (abort.signal.aborted) return;
        setState((before) => ({ data: before.data, failure: failureOf(thrown), key: wanted }));
      },
    );
    return () => abort.abort();
  }, [wanted]);
  const reload = useCallback(() => setAttempt((count) => count + 1), []);
  return { data: state.data, failure: state.failure, loading: state.key !== wanted, reload };
}

/** Pages that nobody looks at get no pictures. */
const HIDDEN_MS = 200;

/** Resolves when what is in the document now is on screen. */
export function painted(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, HIDDEN_MS);
  });
}
