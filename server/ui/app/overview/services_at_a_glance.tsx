/**
 * The services that fail most, then the busiest.
 *
 * @module
 */

import type { ServiceStats } from "../../../../sdk/gen/scouter/v1/trace_pb.ts";
import { int64, traces } from "../api.ts";
import { formatDuration, formatRate, formatShare, formatWhole } from "../format.ts";
import { Link } from "../link.tsx";
import { useLoad } from "../loading.ts";
import { termOf } from "../search_text.ts";
import { hueClass } from "../service_color.ts";
import { levelOf, MARKS } from "../services/levels.ts";
import { searchParams } from "../services/links.ts";
import { sharedParams } from "../shared_params.ts";
import { Spark } from "../spark.tsx";
import { visibleText } from "../text.ts";
import type { PartProps } from "./comparison.ts";
import { Panel } from "./panel.tsx";

const SHOWN = 8;
const POINTS = 48;

/** The panel. */
export function ServicesAtAGlance({ params, window, loadKey }: PartProps) {
  const loaded = useLoad(loadKey, (signal) =>
    traces.listServices({
      startTimeUs: int64(window.startUs),
      endTimeUs: int64(window.endUs),
      buckets: POINTS,
    }, { signal }));
  return (
    <Panel
      id="glance"
      title="Services, most failures first"
      loaded={loaded}
      wide
      more={
        <span>
          <Link path="/services" params={sharedParams(params)}>all</Link> ·{" "}
          <Link path="/services" params={sharedParams(params, { view: "map" })}>map</Link>
        </span>
      }
    >
      {({ services }) => (
        <>
          <table class="glance">
            <thead>
              <tr>
                <th scope="col">Service</th>
                <th scope="col" class="number">Failed</th>
                <th scope="col">Failures over time</th>
                <th scope="col" class="number">Requests</th>
                <th scope="col">Requests over time</th>
                <th scope="col" class="number">p95</th>
              </tr>
            </thead>
            <tbody>
              {services.toSorted(worstFirst).slice(0, SHOWN).map((service) => (
                <Row key={service.name} service={service} params={params} />
              ))}
            </tbody>
          </table>
          {services.length > SHOWN && (
            <p class="muted">
              {formatWhole(SHOWN)} of {formatWhole(services.length)} services
            </p>
          )}
        </>
      )}
    </Panel>
  );
}

function Row(
  { service, params }: { readonly service: ServiceStats; readonly params: URLSearchParams },
) {
  const requests = Number(service.requestCount);
  const errors = Number(service.requestErrorCount);
  const level = levelOf(errors, requests);
  const own = termOf("service", service.name);
  return (
    <tr>
      <th scope="row">
        <span class={`dot ${hueClass(service.name)}`} aria-hidden="true" />
        <Link
          path="/services"
          params={sharedParams(params, { view: "map", focus: service.name })}
        >
          <bdi>{visibleText(service.name, 80)}</bdi>
        </Link>
      </th>
      <td class="number">
        {requests === 0 ? <span class="muted">–</span> : (
          <Link
            path="/traces"
            params={searchParams(params, own, "status:error")}
            class={`level-${level}`}
            title={`${formatWhole(errors)} of ${formatWhole(requests)} requests failed`}
          >
            {MARKS[level]} {formatShare(errors / requests)}
          </Link>
        )}
      </td>
      <td class="course">
        <Spark
          kind="bars"
          tone="bad"
          values={service.series.map((point) => Number(point.requestErrorCount))}
          label="Failed requests over time"
        />
      </td>
      <td class="number">
        <Link path="/traces" params={searchParams(params, own)}>
          {formatRate(service.requestsPerSecond)}
        </Link>
      </td>
      <td class="course">
        <Spark
          kind="bars"
          values={service.series.map(({ requestCount }) => Number(requestCount))}
          label="Requests over time"
        />
      </td>
      <td class="number">
        {service.p95Ms === undefined
          ? <span class="muted">–</span>
          : formatDuration(service.p95Ms * 1000)}
      </td>
    </tr>
  );
}

function worstFirst(a: ServiceStats, b: ServiceStats): number {
  return Number(b.requestErrorCount - a.requestErrorCount) ||
    Number(b.requestCount - a.requestCount);
}
