/**
 * Finding spans of a trace: at once in what the page has of them, then by the server in everything they carry.
 *
 * @module
 */

import { useEffect, useMemo, useState } from "preact/hooks";
import { traces } from "../api.ts";
import { useLoad } from "../loading.ts";
import { findSpans, type TraceModel } from "./trace_model.ts";

/** So long nothing is typed before the server is asked. */
const PAUSE_MS = 200;

/** What was found. */
export interface Found {
  /** Ids of spans. */
  readonly ids: ReadonlySet<string>;
  /** The same in the order of the rows. */
  readonly order: readonly string[];
  /** The server has not answered yet. */
  readonly busy: boolean;
  /** Why only names were looked through, or null. */
  readonly problem: string | null;
  /** There are more than an answer holds. */
  readonly truncated: boolean;
}

/** Finds the spans a text asks for. */
export function useFind(model: TraceModel, text: string): Found {
  const wanted = text.trim();
  const [settled, setSettled] = useState(wanted);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(wanted), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [wanted]);
  const asked = useLoad(
    settled === "" ? "" : `${model.traceId} ${model.spans.length} ${settled}`,
    async (signal) =>
      settled === "" ? null : {
        text: settled,
        ...await traces.findSpans({ traceId: model.traceId, query: settled }, { signal }),
      },
  );
  const local = useMemo(() => findSpans(model.spans, wanted), [model, wanted]);
  const answer = asked.data?.text === wanted ? asked.data : null;
  const ids = useMemo(
    () => answer === null ? local : new Set(answer.spanIds.filter((id) => model.byId.has(id))),
    [answer, local],
  );
  const order = useMemo(
    () => model.rows.flatMap(({ id }) => ids.has(id) ? [id] : []),
    [model, ids],
  );
  const busy = wanted !== "" && (settled !== wanted || asked.loading);
  return {
    ids,
    order,
    busy,
    problem: wanted === "" || busy ? null : asked.failure?.message ?? null,
    truncated: answer?.truncated ?? false,
  };
}
