/**
 * One trace: read, and read again while its spans still arrive.
 *
 * @module
 */

import { useEffect, useMemo, useState } from "preact/hooks";
import type { GetTraceResponse } from "../../../sdk/gen/scouter/v1/trace_pb.ts";
import { type Failure, failureOf, traces } from "./api.ts";
import { Link } from "./link.tsx";
import { changed } from "./place.ts";
import { EmptyNote, FailureNote, Skeleton } from "./states.tsx";
import { traceModel } from "./trace/trace_model.ts";
import { TraceView } from "./trace/trace_view.tsx";

const POLL_MS = 2000;
/** A trace is taken for finished when no span has ended for so long. */
const QUIET_MS = 30_000;

/** The page at `/traces/:id`. */
export function TracePage(
  { traceId, params }: { readonly traceId: string; readonly params: URLSearchParams },
) {
  const { trace, failure, open, retry } = useGrowingTrace(traceId);
  const model = useMemo(
    () => trace === null || trace.spans.length === 0 ? null : traceModel(traceId, trace),
    [trace],
  );
  if (failure !== null) return <FailureNote failure={failure} onRetry={retry} />;
  if (trace === null) return <Skeleton rows={14} />;
  if (model === null) {
    return (
      <EmptyNote title="This trace has not arrived">
        <p>
          Nothing is stored under <code>{traceId}</code>. {open
            ? "Spans may still be on their way; this page looks again by itself."
            : "It may have been sent elsewhere, sampled away by its sender, or removed by retention."}
        </p>
        <Link path="/traces" params={changed(params, { span: null })} class="button">
          Back to the traces
        </Link>
      </EmptyNote>
    );
  }
  return <TraceView model={model} open={open} params={params} />;
}

interface GrowingTrace {
  readonly trace: GetTraceResponse | null;
  readonly failure: Failure | null;
  /** Whether spans may still arrive. */
  readonly open: boolean;
  retry(): void;
}

/** Reads a trace, and while it is open asks for its number of spans, reading it again only when there are more. */
function useGrowingTrace(traceId: string): GrowingTrace {
  const [trace, setTrace] = useState<GetTraceResponse | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [attempt, setAttempt] = useState(0);
  const [open, setOpen] = useState(true);
  useEffect(() => {
    const abort = new AbortController();
    const { signal } = abort;
    const openedMs = Date.now();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async () => {
      const next = await traces.getTrace({ traceId, includeEvents: true }, { signal });
      setTrace(next);
      return next;
    };
    const isOpen = (now: GetTraceResponse) =>
      Date.now() - (now.spans.length === 0 ? openedMs : endMsOf(now)) < QUIET_MS;
    const follow = (now: GetTraceResponse) => {
      const stillOpen = isOpen(now);
      setOpen(stillOpen);
      if (!stillOpen) return;
      timer = setTimeout(() => guarded(look(now)), POLL_MS);
    };
    const look = async (now: GetTraceResponse) => {
      if (document.hidden) return follow(now);
      const { traces: [summary] } = await traces.listTraces(
        { filter: { traceIds: [traceId] }, limit: 1 },
        { signal },
      );
      const grown = Number(summary?.spanCount ?? 0n) !== now.spans.length && !now.truncated;
      follow(grown ? await read() : now);
    };
    const guarded = (work: Promise<void>) =>
      work.catch((thrown) => {
        if (!signal.aborted) setFailure(failureOf(thrown));
      });
    guarded(read().then(follow));
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [traceId, attempt]);
  return {
    trace,
    failure,
    open,
    retry: () => {
      setFailure(null);
      setAttempt((count) => count + 1);
    },
  };
}

function endMsOf({ spans }: GetTraceResponse): number {
  return spans.reduce((end, span) => Math.max(end, Number(span.endTimeUs)), 0) / 1000;
}
