/**
 * A part of the overview with a title, and its states.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import type { Loaded } from "../loading.ts";
import { Skeleton } from "../states.tsx";
import { visibleText } from "../text.ts";

/** What a panel needs. */
export interface PanelProps<T> {
  readonly id: string;
  readonly title: string;
  readonly loaded: Loaded<T>;
  /** Beside the title. */
  readonly more?: ComponentChildren;
  readonly wide?: boolean;
  readonly children: (data: T) => ComponentChildren;
}

/** The panel. One that fails leaves the others standing. */
export function Panel<T>({ id, title, loaded, more, wide, children }: PanelProps<T>) {
  const { data, failure, reload, loading } = loaded;
  return (
    <section
      class={wide ? "overview-panel wide" : "overview-panel"}
      aria-labelledby={id}
      aria-busy={loading}
    >
      <div class="panel-head">
        <h2 id={id}>{title}</h2>
        {more}
      </div>
      {failure !== null
        ? (
          <div role="alert">
            <p class="bad">Could not be loaded: {visibleText(failure.message, 300)}</p>
            <button type="button" class="small" onClick={reload}>Try again</button>
            {failure.requestId !== null && (
              <p class="muted">
                Request id <code>{failure.requestId}</code>
              </p>
            )}
          </div>
        )
        : data === null
        ? <Skeleton rows={4} />
        : children(data)}
    </section>
  );
}
