/**
 * What one step carried in both traces, and how that differs.
 *
 * @module
 */

import { useMemo } from "preact/hooks";
import type { Attribute, TraceSpan } from "../../../../sdk/gen/scouter/v1/trace_pb.ts";
import { traces } from "../api.ts";
import { formatWhole } from "../format.ts";
import { useLoad } from "../loading.ts";
import { FailureNote, Skeleton } from "../states.tsx";
import { valueText, visibleText } from "../text.ts";
import type { AlignedStep } from "./align.ts";
import { type DiffLine, diffLines } from "./diff.ts";
import { valueOf } from "./payload.tsx";

/** Longer payloads are compared only at their beginning. */
const MOST_CHARS = 200_000;
const MANY_LINES = 400;
/** Payloads that have sections of their own; as attributes they would only repeat them. */
const PAYLOADS: readonly (readonly [title: string, keys: readonly string[]])[] = [
  ["Instructions", ["gen_ai.system_instructions"]],
  ["Input", ["gen_ai.input.messages", "input.value", "gen_ai.tool.call.arguments"]],
  ["Output", ["gen_ai.output.messages", "output.value", "gen_ai.tool.call.result"]],
];

/** The panel beside the steps. */
export function StepDifference(
  { step, onClose }: { readonly step: AlignedStep; readonly onClose: () => void },
) {
  const { a, b } = step;
  const span = b ?? a;
  const read = useLoad(
    `${a?.spanId} ${b?.spanId}`,
    (signal) =>
      Promise.all([a, b].map(async (of) =>
        of === null ? null : (await traces.getSpan({
          traceId: of.traceId,
          spanId: of.spanId,
          maxValueChars: MOST_CHARS,
        }, { signal })).span ?? null
      )),
  );
  const [before = null, after = null] = read.data ?? [];
  return (
    <aside class="panel" aria-label="Step" aria-busy={read.loading}>
      <div class="panel-head">
        <h2>
          <bdi>{visibleText(span?.spanName ?? "", 500) || "(no name)"}</bdi>
        </h2>
        <button type="button" class="small quiet" aria-label="Close the step" onClick={onClose}>
          ✕
        </button>
      </div>
      <p class="muted">
        {step.change === "added"
          ? "Only in B"
          : step.change === "removed"
          ? "Only in A"
          : step.reasons.length > 0
          ? `Differs: ${step.reasons.join(", ")}`
          : "Took about as long, with the same outcome"}
      </p>
      {read.failure !== null
        ? <FailureNote failure={read.failure} onRetry={read.reload} />
        : read.loading
        ? <Skeleton rows={6} />
        : (
          <>
            {(before?.statusMessage ?? "") !== (after?.statusMessage ?? "") && (
              <TextDifference
                title="Message"
                a={before?.statusMessage ?? ""}
                b={after?.statusMessage ?? ""}
              />
            )}
            {PAYLOADS.map(([title, keys]) => (
              <TextDifference
                key={title}
                title={title}
                a={payloadOf(before, title, keys)}
                b={payloadOf(after, title, keys)}
              />
            ))}
            <AttributeDifference a={before} b={after} />
          </>
        )}
    </aside>
  );
}

function payloadOf(span: TraceSpan | null, title: string, keys: readonly string[]): string {
  const direct = title === "Input" ? span?.inputJson : title === "Output" ? span?.outputJson : "";
  const json = direct ||
    span?.attributes.find((attribute) => keys.includes(attribute.key))?.valueJson;
  if (json === undefined || json === "") return "";
  const value = valueOf(json);
  if (typeof value === "string") return value;
  return value === undefined ? json : JSON.stringify(value, null, 2);
}

function TextDifference(
  { title, a, b }: { readonly title: string; readonly a: string; readonly b: string },
) {
  const lines = useMemo(() => diffLines(a, b), [a, b]);
  if (a === "" && b === "") return null;
  if (a === b) {
    return (
      <section>
        <h3>
          {title} <span class="muted">the same in both</span>
        </h3>
      </section>
    );
  }
  return (
    <section>
      <h3>{title}</h3>
      <Lines lines={a === "" ? lines.filter(isText) : lines} />
    </section>
  );
}

/** Against nothing, the empty line that nothing consists of is no loss. */
function isText(line: DiffLine): boolean {
  return line.kind !== "removed" || line.text !== "";
}

function Lines({ lines }: { readonly lines: readonly DiffLine[] }) {
  // Long stretches that are the same are left out but for their ends.
  const shown = lines.flatMap((line, i): (DiffLine | number)[] => {
    if (line.kind !== "same") return [line];
    let distance = 0;
    for (let d = 1; d <= 3; d++) {
      if (lines[i - d]?.kind !== "same" || lines[i + d]?.kind !== "same") distance = d;
      if (distance > 0) break;
    }
    const inside = distance === 0 && i > 3 && i < lines.length - 4;
    return inside ? [1] : [line];
  });
  const parts: (DiffLine | number)[] = [];
  for (const part of shown) {
    const previous = parts.at(-1);
    if (typeof part === "number" && typeof previous === "number") {
      parts[parts.length - 1] = previous + part;
    } else parts.push(part);
  }
  return (
    <div class="diff">
      {parts.slice(0, MANY_LINES).map((part, i) =>
        typeof part === "number"
          ? <div key={i} class="diff-gap">{formatWhole(part)} lines the same</div>
          : (
            <div key={i} class={`diff-line diff-${part.kind}`}>
              <span class="diff-sign">
                {part.kind === "added" ? "+" : part.kind === "removed" ? "−" : " "}
              </span>
              <span class="text">{visibleText(part.text, 2000)}</span>
            </div>
          )
      )}
      {parts.length > MANY_LINES && (
        <div class="diff-gap">{formatWhole(parts.length - MANY_LINES)} lines more</div>
      )}
    </div>
  );
}

function AttributeDifference(
  { a, b }: { readonly a: TraceSpan | null; readonly b: TraceSpan | null },
) {
  const left = valuesOf(a);
  const right = valuesOf(b);
  const keys = [...new Set([...left.keys(), ...right.keys()])].filter((key) =>
    left.get(key) !== right.get(key)
  ).sort();
  if (keys.length === 0) return null;
  return (
    <section>
      <h3>
        Attributes that differ <span class="count">{formatWhole(keys.length)}</span>
      </h3>
      <dl class="attributes">
        {keys.slice(0, 200).map((key) => (
          <div key={key}>
            <dt>
              <bdi>{visibleText(key, 200)}</bdi>
            </dt>
            <dd class="diff">
              <Value sign="−" kind="removed" value={left.get(key)} />
              <Value sign="+" kind="added" value={right.get(key)} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Value(
  { sign, kind, value }: {
    readonly sign: string;
    readonly kind: string;
    readonly value: string | undefined;
  },
) {
  if (value === undefined) return null;
  return (
    <div class={`diff-line diff-${kind}`}>
      <span class="diff-sign">{sign}</span>
      <span class="text">{visibleText(value, 300)}</span>
    </div>
  );
}

function valuesOf(span: TraceSpan | null): Map<string, string> {
  const shown = new Set(PAYLOADS.flatMap(([, keys]) => keys));
  const list: readonly Attribute[] = span?.attributes ?? [];
  return new Map(
    list.filter(({ key }) => !shown.has(key)).map(({ key, valueJson }) => [
      key,
      valueText(valueJson),
    ]),
  );
}
