/**
 * The table of services.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import type { ServiceStats } from "../../../../sdk/gen/scouter/v1/trace_pb.ts";
import { formatDuration, formatRate, formatShare, formatWhole } from "../format.ts";
import { Link } from "../link.tsx";
import { setParams } from "../place.ts";
import { termOf } from "../search_text.ts";
import { hueClass } from "../service_color.ts";
import { sharedParams } from "../shared_params.ts";
import { Spark } from "../spark.tsx";
import { EmptyNote } from "../states.tsx";
import { visibleText } from "../text.ts";
import { levelOf, MARKS } from "./levels.ts";
import { searchParams } from "./links.ts";

type SortKey = "name" | "rate" | "errors" | "p50" | "p95" | "p99";

const COLUMNS: readonly (readonly [SortKey, string])[] = [
  ["name", "Service"],
  ["rate", "Requests"],
  ["errors", "Errors"],
  ["p50", "p50"],
  ["p95", "p95"],
  ["p99", "p99"],
];

/** A row per service; columns sort, numbers lead to the traces behind them. */
export function ServiceTable({ services, params, loading }: {
  readonly services: readonly ServiceStats[];
  readonly params: URLSearchParams;
  readonly loading: boolean;
}) {
  const [key, up] = sortOf(params.get("sort"));
  const wanted = (params.get("find") ?? "").toLowerCase();
  const rows = services
    .filter(({ name }) => name.toLowerCase().includes(wanted))
    .toSorted((a, b) => (up ? 1 : -1) * compare(key, a, b));
  return (
    <>
      <p class="row filter-line">
        <label class="sr" for="search">Filter services</label>
        <input
          id="search"
          type="search"
          placeholder="Filter services"
          value={params.get("find") ?? ""}
          onInput={({ currentTarget }) => setParams({ find: currentTarget.value }, true)}
        />
        <span class="muted">
          {rows.length === services.length
            ? `${formatWhole(services.length)} ${services.length === 1 ? "service" : "services"}`
            : `${formatWhole(rows.length)} of ${formatWhole(services.length)} services`}
        </span>
      </p>
      {rows.length === 0
        ? (
          <EmptyNote title="No service is called so">
            <button type="button" onClick={() => setParams({ find: null })}>
              Show all services
            </button>
          </EmptyNote>
        )
        : (
          <table class="service-table" aria-busy={loading}>
            <thead>
              <tr>
                {COLUMNS.map(([column, title]) => (
                  <th
                    key={column}
                    scope="col"
                    class={column === "name" ? "" : "number"}
                    aria-sort={column === key ? up ? "ascending" : "descending" : "none"}
                  >
                    <button
                      type="button"
                      class="sort"
                      onClick={() => setParams({ sort: nextSort(column, key, up) }, true)}
                    >
                      {title}
                      <span aria-hidden="true">{column === key ? up ? " ▴" : " ▾" : ""}</span>
                    </button>
                  </th>
                ))}
                <th scope="col">
                  <span class="sr">Map</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((service) => (
                <ServiceRow key={service.name} service={service} params={params} />
              ))}
            </tbody>
          </table>
        )}
    </>
  );
}

function ServiceRow(
  { service, params }: { readonly service: ServiceStats; readonly params: URLSearchParams },
) {
  const requests = Number(service.requestCount);
  const errors = Number(service.requestErrorCount);
  const level = levelOf(errors, requests);
  const own = termOf("service", service.name);
  const to = (...terms: string[]) => searchParams(params, own, ...terms);
  return (
    <tr>
      <th scope="row" class="name">
        <span class={`dot ${hueClass(service.name)}`} aria-hidden="true" />
        <Link path="/traces" params={to()}>
          <bdi>{visibleText(service.name, 100)}</bdi>
        </Link>
      </th>
      <td class="number" data-label="Requests">
        <Charted
          chart={
            <Spark
              kind="bars"
              values={service.series.map(({ requestCount }) => Number(requestCount))}
              label="Requests over time"
            />
          }
        >
          <span title={`${formatWhole(requests)} requests`}>
            {formatRate(service.requestsPerSecond)}
          </span>
        </Charted>
      </td>
      <td class="number" data-label="Errors">
        <Charted
          chart={
            <Spark
              kind="bars"
              tone="bad"
              values={service.series.map((point) => Number(point.requestErrorCount))}
              label="Failed requests over time"
            />
          }
        >
          {requests === 0 ? <span class="muted" title="No requests">–</span> : (
            <Link
              path="/traces"
              params={to("status:error")}
              class={`level-${level}`}
              title={`${formatWhole(errors)} of ${formatWhole(requests)} requests failed`}
            >
              <span aria-hidden="true">{MARKS[level]}</span> {formatShare(errors / requests)}
            </Link>
          )}
        </Charted>
      </td>
      <Quantile ms={service.p50Ms} label="p50" />
      <td class="number" data-label="p95">
        <Charted
          chart={
            <Spark
              kind="line"
              values={service.series.map(({ p95Ms }) => p95Ms ?? null)}
              label="95th percentile over time"
            />
          }
        >
          {service.p95Ms === undefined ? <span class="muted" title="No requests">–</span> : (
            <Link
              path="/traces"
              params={to(`duration>=${Math.floor(service.p95Ms * 1000) / 1000}ms`)}
              title="Traces with spans as slow as this"
            >
              {formatDuration(service.p95Ms * 1000)}
            </Link>
          )}
        </Charted>
      </td>
      <Quantile ms={service.p99Ms} label="p99" />
      <td class="to-map">
        <Link
          path="/services"
          params={sharedParams(params, { view: "map", focus: service.name })}
          title="Show on the map"
        >
          Map<span class="sr">: {visibleText(service.name, 100)}</span>
        </Link>
      </td>
    </tr>
  );
}

function Charted(
  { chart, children }: { readonly chart: ComponentChildren; readonly children: ComponentChildren },
) {
  return (
    <span class="charted">
      {chart}
      <span class="charted-number">{children}</span>
    </span>
  );
}

function Quantile({ ms, label }: { readonly ms: number | undefined; readonly label: string }) {
  return (
    <td class="number" data-label={label}>
      {ms === undefined ? <span class="muted" title="No requests">–</span> : (
        formatDuration(ms * 1000)
      )}
    </td>
  );
}

function sortOf(text: string | null): readonly [SortKey, boolean] {
  const up = text?.startsWith("-") === false;
  const key = COLUMNS.find(([column]) => column === text?.replace("-", ""))?.[0];
  return key === undefined ? ["rate", false] : [key, up];
}

/** First the most telling order of a column, then the other one. */
function nextSort(column: SortKey, key: SortKey, up: boolean): string {
  const goesUp = column === key ? !up : column === "name";
  return `${goesUp ? "" : "-"}${column}`;
}

function compare(key: SortKey, a: ServiceStats, b: ServiceStats): number {
  if (key === "name") return a.name < b.name ? -1 : 1;
  return valueOf(key, a) - valueOf(key, b) || (a.name < b.name ? 1 : -1);
}

function valueOf(key: Exclude<SortKey, "name">, service: ServiceStats): number {
  switch (key) {
    case "rate":
      return service.requestsPerSecond;
    case "errors": {
      const requests = Number(service.requestCount);
      return requests === 0 ? -1 : Number(service.requestErrorCount) / requests;
    }
    case "p50":
      return service.p50Ms ?? -1;
    case "p95":
      return service.p95Ms ?? -1;
    case "p99":
      return service.p99Ms ?? -1;
  }
}
