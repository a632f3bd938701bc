/**
 * The states a page can be in beside showing its data.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import type { Failure } from "./api.ts";
import { LoginForm } from "./login/login_form.tsx";
import { visibleText } from "./text.ts";

/** What failed, what to do, and the id to find it in the server's log. */
export function FailureNote(
  { failure, onRetry }: { readonly failure: Failure; readonly onRetry: () => void },
) {
  if (failure.needsLogin) return <LoginForm onDone={onRetry} />;
  return (
    <div class="state failure" role="alert">
      <h2>This could not be loaded</h2>
      <p>{visibleText(failure.message, 2000)}</p>
      <button type="button" class="button" onClick={onRetry}>Try again</button>
      {failure.requestId !== null && (
        <p class="muted">
          Request id <code>{failure.requestId}</code>
        </p>
      )}
    </div>
  );
}

/** Nothing to show: why, and the one thing to do. */
export function EmptyNote(
  { title, children }: { readonly title: string; readonly children: ComponentChildren },
) {
  return (
    <div class="state">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Grey bars where rows will be. */
export function Skeleton({ rows }: { readonly rows: number }) {
  return (
    <div class="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, i) => <div key={i} class="skeleton-row" />)}
    </div>
  );
}
