/**
 * Pages that are loaded when they are first shown, so that opening one page does not wait for the code of all.
 *
 * @module
 */

import type { ComponentChild } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";
import { Skeleton } from "../states.tsx";

type Page<Props> = (props: Props) => ComponentChild;

/** A page whose code may not be there yet; it shows that it is coming. */
export type LazyPage<Props> = Page<Props> & {
  /** Loads its code. */
  readonly load: () => Promise<void>;
};

/**
 * A page in a file of its own.
 *
 * @param load Imports the file and gives its page.
 */
export function lazyPage<Props extends object>(
  load: () => Promise<Page<Props>>,
): LazyPage<Props> {
  let loaded: Page<Props> | null = null;
  let loading: Promise<void> | null = null;
  const loadOnce = () => loading ??= load().then((page) => void (loaded = page));
  function LazyPage(props: Props) {
    const [, draw] = useState(0);
    const [failed, setFailed] = useState(false);
    useLayoutEffect(() => {
      if (loaded === null) loadOnce().then(() => draw((count) => count + 1), () => setFailed(true));
    }, []);
    if (loaded !== null) {
      const Loaded = loaded;
      return <Loaded {...props} />;
    }
    return failed ? <NotLoaded /> : <Skeleton rows={12} />;
  }
  return Object.assign(LazyPage, { load: loadOnce });
}

/** The usual cause is a server that was replaced by a newer one while the page stood open. */
function NotLoaded() {
  return (
    <div class="state failure" role="alert">
      <h2>This page could not be loaded</h2>
      <p>The server may be unreachable, or a newer version of it has taken over.</p>
      <button type="button" class="button primary" onClick={() => location.reload()}>
        Load it again
      </button>
    </div>
  );
}
