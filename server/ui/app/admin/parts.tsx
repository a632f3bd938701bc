/**
 * Pieces that the parts of the Admin page share.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { exactTime, formatAgo } from "../format.ts";
import type { Loaded } from "../loading.ts";
import { type Refusal, refusalOf } from "../login/api.ts";
import { FailureNote, Skeleton } from "../states.tsx";

/** Shows what was loaded, or how loading it goes. */
export function Shown<T>(
  { loaded, rows = 8, children }: {
    readonly loaded: Loaded<T>;
    /** Of the skeleton. */
    readonly rows?: number;
    readonly children: (data: T) => ComponentChildren;
  },
) {
  if (loaded.failure !== null) {
    return <FailureNote failure={loaded.failure} onRetry={loaded.reload} />;
  }
  if (loaded.data === null) return <Skeleton rows={rows} />;
  return <div aria-busy={loaded.loading}>{children(loaded.data)}</div>;
}

/** A time as its distance from now, exact on hover. */
export function Ago({ timeUs, none = "never" }: {
  readonly timeUs: bigint | undefined;
  readonly none?: string;
}) {
  if (timeUs === undefined || timeUs === 0n) return <span class="muted">{none}</span>;
  const us = Number(timeUs);
  return <time dateTime={exactTime(us)} title={exactTime(us)}>{formatAgo(us)}</time>;
}

/** Something that changes the server: under way, refused, or done. */
export interface Action {
  readonly busy: boolean;
  readonly refusal: Refusal | null;
  /** Runs it; resolves to whether it was done. */
  run(work: () => Promise<unknown>): Promise<boolean>;
}

/** An action of a form or button. */
export function useAction(): Action {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  return {
    busy,
    refusal,
    async run(work) {
      setBusy(true);
      setRefusal(null);
      try {
        await work();
        return true;
      } catch (thrown) {
        setRefusal(refusalOf(thrown));
        return false;
      } finally {
        setBusy(false);
      }
    },
  };
}

/** A button that asks once more before it does what cannot be undone. */
export function ConfirmButton(
  { label, name, question, onConfirm, disabled = false }: {
    readonly label: string;
    /** The whole of what it does, for those who hear it without its row. */
    readonly name: string;
    readonly question: string;
    readonly onConfirm: () => void;
    readonly disabled?: boolean;
  },
) {
  const [asking, setAsking] = useState(false);
  const first = useRef<HTMLButtonElement>(null);
  const yes = useRef<HTMLButtonElement>(null);
  const cancelled = useRef(false);
  useEffect(() => {
    // The keyboard stays where the question came up.
    if (asking) yes.current?.focus();
    else if (cancelled.current) first.current?.focus();
    cancelled.current = false;
  }, [asking]);
  const cancel = () => {
    cancelled.current = true;
    setAsking(false);
  };
  if (!asking) {
    return (
      <button
        ref={first}
        type="button"
        class="small"
        aria-label={name}
        disabled={disabled}
        onClick={() => setAsking(true)}
      >
        {label}
      </button>
    );
  }
  return (
    <span
      class="row confirm"
      role="group"
      aria-label={question}
      onKeyDown={(event) => event.key === "Escape" && cancel()}
    >
      {question}
      <button
        type="button"
        class="small danger"
        ref={yes}
        onClick={() => {
          setAsking(false);
          onConfirm();
        }}
      >
        Yes, {label.toLowerCase()}
      </button>
      <button type="button" class="small" onClick={cancel}>No</button>
    </span>
  );
}
