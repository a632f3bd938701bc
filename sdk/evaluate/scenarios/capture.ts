/**
 * Catching what an agent leaves behind while a scenario is played: records and spans.
 *
 * The queue and the tracer of a program plug in by implementing {@linkcode ScenarioCapture}; each
 * scenario gets a scope of its own, so that scenarios can be played at the same time.
 *
 * @module
 */

import type { EvalSubject } from "../record.ts";
import { SCENARIO_TAG } from "../results/record_result.ts";
import type { EvalSpan } from "../trace/types.ts";

/** What was caught during one scenario. */
export interface CapturedData {
  /** Records by the alias of the profile they are for. */
  readonly records: Readonly<Record<string, readonly EvalSubject[]>>;
  /** Spans of all traces. */
  readonly spans: readonly EvalSpan[];
  /** Spans beyond the limit. */
  readonly droppedSpans: number;
}

/** The scope of one scenario. */
export interface ScenarioScope {
  /** Runs work so that what it records and traces belongs to this scenario. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Hands in a record for a profile. */
  insert(alias: string, record: EvalSubject): void;
  /** Hands in spans. */
  addSpans(spans: readonly EvalSpan[]): void;
  /** Ends the scope and gives what was caught. */
  end(): Promise<CapturedData>;
}

/** Makes scopes. */
export interface ScenarioCapture {
  /**
   * Begins a scenario.
   *
   * @param scenarioId the scenario
   */
  begin(scenarioId: string): Promise<ScenarioScope>;
}

/** Most spans kept per scenario unless told otherwise. */
export const DEFAULT_MAX_SPANS = 20_000;

/**
 * Catches in memory what is handed to the scope; for agents that get the scope passed in.
 *
 * @example
 * ```ts
 * import { MemoryCapture } from "./capture.ts";
 *
 * const scope = await new MemoryCapture().begin("s1");
 * scope.addSpans([{ span_name: "call" }]);
 * (await scope.end()).spans.length; // 1
 * ```
 */
export class MemoryCapture implements ScenarioCapture {
  readonly #maxSpans: number;

  /**
   * Makes a capture.
   *
   * @param options `maxSpans`: most spans kept per scenario, 20,000 unless told
   */
  constructor(options: { readonly maxSpans?: number } = {}) {
    this.#maxSpans = options.maxSpans ?? DEFAULT_MAX_SPANS;
  }

  /** Begins a scenario. */
  begin(scenarioId: string): Promise<ScenarioScope> {
    const records: Record<string, EvalSubject[]> = {};
    const spans: EvalSpan[] = [];
    let droppedSpans = 0;
    const room = this.#maxSpans;
    const scope: ScenarioScope = {
      run: (work) => work(),
      insert(alias, record) {
        (records[alias] ??= []).push(tagged(record, scenarioId));
      },
      addSpans(more) {
        for (const span of more) {
          if (spans.length < room) spans.push(span);
          else droppedSpans++;
        }
      },
      end: () => Promise.resolve({ records, spans, droppedSpans }),
    };
    return Promise.resolve(scope);
  }
}

/**
 * A record that names its scenario.
 *
 * @param record the record
 * @param scenarioId the scenario
 * @returns the same record when it names one already
 * @example
 * ```ts
 * import { parseRecord } from "../record.ts";
 * import { tagged } from "./capture.ts";
 *
 * tagged(parseRecord({ context: {} }), "s1").tags; // ["scouter.eval.scenario_id=s1"]
 * ```
 */
export function tagged(record: EvalSubject, scenarioId: string): EvalSubject {
  if (record.tags.some((tag) => tag.startsWith(`${SCENARIO_TAG}=`))) return record;
  const { uid, recordId, sessionId, createdAt, context, traceId } = record;
  const tags = [...record.tags, `${SCENARIO_TAG}=${scenarioId}`];
  return { uid, recordId, sessionId, createdAt, context, traceId, tags };
}
