/**
 * What can be done with the list of traces and with those picked from it.
 *
 * @module
 */

import type { TraceSummary } from "../../../../sdk/gen/scouter/v1/trace_pb.ts";
import { Link } from "../link.tsx";
import { sharedParams } from "../shared_params.ts";
import { ColumnPicker } from "./column_picker.tsx";
import { csvOf, otlpAddress, saveText } from "./download.ts";
import { allColumns, chosenColumns } from "./list_columns.tsx";
import { pickedOf, setPicks } from "./picked.ts";

/** Most traces one file holds; the server's limit. */
const MOST = 100;

/** The line above the list. */
export function ListActions(
  { rows, params, children }: {
    readonly rows: readonly TraceSummary[];
    readonly params: URLSearchParams;
    readonly children: preact.ComponentChildren;
  },
) {
  const picked = pickedOf(params);
  const columns = chosenColumns(params);
  const [first, second] = picked;
  const some = picked.length > 0;
  const ids = (some ? picked : rows.map((row) => row.traceId)).slice(0, MOST);
  const which = some ? `${picked.length} picked` : "this page";
  return (
    <div class="list-actions">
      <span class="muted list-count">{children}</span>
      {some && (
        <span class="row" role="status">
          <b>{picked.length} picked</b>
          {first !== undefined && second !== undefined && picked.length === 2
            ? (
              <Link
                path="/traces/compare"
                class="button small"
                params={sharedParams(params, { a: first, b: second })}
              >
                Compare
              </Link>
            )
            : <span class="muted">pick two to compare</span>}
          <button type="button" class="small quiet" onClick={() => setPicks([])}>Clear</button>
        </span>
      )}
      <span class="grow" />
      <a
        class="button small"
        href={otlpAddress(ids)}
        download
        title={`All spans of ${which} as OTLP JSON`}
      >
        OTLP JSON
      </a>
      <button
        type="button"
        class="small"
        title={`The rows of ${which} as comma-separated values`}
        onClick={() =>
          saveText(
            "traces.csv",
            csvOf(
              ["trace_id", ...columns.map(({ id }) => id === "duration" ? "duration_ms" : id)],
              rows.filter((row) => !some || picked.includes(row.traceId)).map((row) => [
                row.traceId,
                ...columns.map((column) => column.text(row)),
              ]),
            ),
            "text/csv",
          )}
      >
        CSV
      </button>
      <ColumnPicker all={allColumns(rows)} chosen={columns} />
    </div>
  );
}
