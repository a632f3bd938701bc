/**
 * The columns of the trace list: what each shows, and which are shown in which order, as it stands in the address.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import type { TraceSummary } from "../../../../sdk/gen/scouter/v1/trace_pb.ts";
import { exactTime, formatDuration, formatTime, formatWhole } from "../format.ts";
import { Link } from "../link.tsx";
import { changed } from "../place.ts";
import { hueClass } from "../service_color.ts";
import { valueText, visibleText } from "../text.ts";
import { FAILED_STEP } from "./failed_step.ts";

/** What cells need beside their row. */
export interface CellContext {
  /** What goes along to a trace. */
  readonly traceParams: URLSearchParams;
  /** What goes along to the step of a trace that failed. */
  readonly failedParams: URLSearchParams;
  readonly utc: boolean;
  /** Longest duration on the page, µs; bars are drawn against it. */
  readonly longestUs: number;
}

/** A column. */
export interface ListColumn {
  readonly id: string;
  readonly title: string;
  readonly numeric?: boolean;
  /** Least width, px; 140 when absent. */
  readonly widthPx?: number;
  /** The value as text, for files. */
  readonly text: (row: TraceSummary) => string;
  /** What the table shows; the text when absent. */
  readonly cell?: (row: TraceSummary, context: CellContext) => ComponentChildren;
}

/** What cells need of the list's address. */
export function linkParams(
  params: URLSearchParams,
): Pick<CellContext, "traceParams" | "failedParams"> {
  const traceParams = changed(params, { sel: null, pick: null, view: null });
  return { traceParams, failedParams: changed(traceParams, { span: FAILED_STEP }) };
}

/** How long a trace took, µs. */
export function durationOf(row: TraceSummary): number {
  return Math.max(0, Number(row.endTimeUs - row.startTimeUs));
}

const count = (value: bigint): string => value === 0n ? "" : formatWhole(Number(value));
const OUTCOMES = ["unset", "ok", "error"];

/** Columns to choose from, in their usual order. */
const COLUMNS: readonly ListColumn[] = [
  {
    id: "time",
    widthPx: 112,
    title: "Time",
    text: (row) => exactTime(Number(row.startTimeUs)),
    cell: (row, { utc }) => (
      <time
        dateTime={exactTime(Number(row.startTimeUs))}
        title={exactTime(Number(row.startTimeUs))}
      >
        {formatTime(Number(row.startTimeUs), utc)}
      </time>
    ),
  },
  {
    id: "operation",
    widthPx: 180,
    title: "Root operation",
    text: (row) => row.rootOperation,
    cell: (row, { traceParams }) => <Operation row={row} params={traceParams} />,
  },
  {
    id: "service",
    widthPx: 120,
    title: "Service",
    text: (row) => row.serviceName,
    cell: (row) => (
      <>
        <span class={`dot ${hueClass(row.serviceName)}`} aria-hidden="true" />
        <bdi>{visibleText(row.serviceName, 100)}</bdi>
        {row.services.length > 1 && (
          <span class="muted" title={visibleText(row.services.join(", "), 1000)}>
            {` +${row.services.length - 1}`}
          </span>
        )}
      </>
    ),
  },
  {
    id: "duration",
    widthPx: 164,
    title: "Duration",
    numeric: true,
    text: (row) => String(durationOf(row) / 1000),
    cell: (row, { longestUs }) => (
      <span class="duration-cell">
        <span>{formatDuration(durationOf(row))}</span>
        <span class="duration-track" aria-hidden="true">
          <span
            class={row.errorCount > 0n ? "duration-bar failed" : "duration-bar"}
            style={{ width: `${(100 * durationOf(row)) / longestUs}%` }}
          />
        </span>
      </span>
    ),
  },
  {
    id: "spans",
    widthPx: 72,
    title: "Spans",
    numeric: true,
    text: (row) => String(row.spanCount),
    cell: (row) => formatWhole(Number(row.spanCount)),
  },
  {
    id: "tokens",
    widthPx: 72,
    title: "Tokens",
    numeric: true,
    text: (row) => String(row.inputTokens + row.outputTokens),
    cell: (row) => (
      <span
        title={`${formatWhole(Number(row.inputTokens))} in, ${
          formatWhole(Number(row.outputTokens))
        } out`}
      >
        {count(row.inputTokens + row.outputTokens)}
      </span>
    ),
  },
  {
    id: "outcome",
    widthPx: 96,
    title: "Outcome",
    text: (row) => row.errorCount > 0n ? "error" : OUTCOMES[row.statusCode] ?? "",
    cell: (row, { failedParams }) => <Outcome row={row} params={failedParams} />,
  },
  {
    id: "errors",
    widthPx: 72,
    title: "Errors",
    numeric: true,
    text: (row) => String(row.errorCount),
    cell: (row) => count(row.errorCount),
  },
  { id: "message", title: "Message", text: (row) => row.statusMessage ?? "" },
  {
    id: "services",
    title: "All services",
    text: (row) => row.services.join(", "),
  },
  {
    id: "input",
    widthPx: 96,
    title: "Tokens in",
    numeric: true,
    text: (row) => String(row.inputTokens),
    cell: (row) => count(row.inputTokens),
  },
  {
    id: "output",
    widthPx: 96,
    title: "Tokens out",
    numeric: true,
    text: (row) => String(row.outputTokens),
    cell: (row) => count(row.outputTokens),
  },
  { id: "scope", title: "Scope", text: (row) => row.scopeName },
  { id: "entities", title: "Profiles", text: (row) => row.entityIds.join(", ") },
  {
    id: "trace",
    widthPx: 260,
    title: "Trace id",
    text: (row) => row.traceId,
    cell: (row) => <code>{row.traceId}</code>,
  },
];

const USUAL = ["time", "operation", "service", "duration", "spans", "tokens", "outcome"];
const RESOURCE = "resource.";

/** Columns that can be chosen: the fixed ones, and one per resource attribute of the rows. */
export function allColumns(rows: readonly TraceSummary[]): ListColumn[] {
  const keys = new Set(rows.flatMap((row) => row.resourceAttributes.map(({ key }) => key)));
  return [
    ...COLUMNS,
    ...[...keys].sort().slice(0, 60).map((key) => resourceColumn(key)),
  ];
}

/** The columns the address names, or the usual ones. */
export function chosenColumns(params: URLSearchParams): ListColumn[] {
  const chosen = (params.get("cols") ?? "").split(",").flatMap((id) => {
    const column = id.startsWith(RESOURCE) && id.length > RESOURCE.length
      ? resourceColumn(decode(id.slice(RESOURCE.length)))
      : COLUMNS.find((known) => known.id === id);
    return column === undefined ? [] : [column];
  });
  if (chosen.length > 0) return chosen;
  return USUAL.flatMap((id) => COLUMNS.filter((column) => column.id === id));
}

/** The columns as they stand in the address; null for the usual ones. */
export function columnsParam(ids: readonly string[]): string | null {
  const text = ids.join(",");
  return text === USUAL.join(",") ? null : text;
}

function resourceColumn(key: string): ListColumn {
  return {
    // A comma of the key would look like the next column.
    id: `${RESOURCE}${key.replaceAll("%", "%25").replaceAll(",", "%2C")}`,
    title: `resource.${key}`,
    text: (row) => {
      const json = row.resourceAttributes.find((attribute) => attribute.key === key)?.valueJson;
      return json === undefined ? "" : valueText(json);
    },
  };
}

function decode(text: string): string {
  return text.replaceAll("%2C", ",").replaceAll("%25", "%");
}

function Operation(
  { row, params }: { readonly row: TraceSummary; readonly params: URLSearchParams },
) {
  const name = visibleText(row.rootOperation, 200);
  return (
    <>
      <Link path={`/traces/${row.traceId}`} params={params}>
        <bdi title={visibleText(row.rootOperation, 2000)}>{name === "" ? "(no name)" : name}</bdi>
      </Link>
      {row.rootMissing && (
        <span class="muted root-missing" title="The root span has not arrived">· root missing</span>
      )}
    </>
  );
}

function Outcome(
  { row, params }: { readonly row: TraceSummary; readonly params: URLSearchParams },
) {
  const errors = Number(row.errorCount);
  if (errors === 0) return <span class="ok">✓ ok</span>;
  return (
    <Link
      class="bad"
      title={visibleText(`Show where it failed: ${row.statusMessage ?? ""}`, 500)}
      path={`/traces/${row.traceId}`}
      params={params}
    >
      ✕ {formatWhole(errors)} {errors === 1 ? "error" : "errors"}
    </Link>
  );
}
