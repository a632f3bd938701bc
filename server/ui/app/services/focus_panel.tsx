/**
 * What is known of the service in focus: who calls it, whom it calls, and how that goes.
 *
 * @module
 */

import { formatDuration, formatShare, formatWhole } from "../format.ts";
import { Link } from "../link.tsx";
import { changed } from "../place.ts";
import { termOf } from "../search_text.ts";
import { hueClass } from "../service_color.ts";
import { visibleText } from "../text.ts";
import type { MapEdge, ServiceMap } from "./graph.ts";
import { levelOf, MARKS } from "./levels.ts";
import { edgeTerms, searchParams } from "./links.ts";

/** The panel beside the map. */
export function FocusPanel({ map, focus, params }: {
  readonly map: ServiceMap;
  readonly focus: string;
  readonly params: URLSearchParams;
}) {
  const node = map.nodes.find(({ name }) => name === focus);
  const byCalls = (a: MapEdge, b: MapEdge) => b.calls - a.calls;
  const callers = map.edges.filter(({ destination }) => destination === focus).toSorted(byCalls);
  const called = map.edges.filter(({ source }) => source === focus).toSorted(byCalls);
  return (
    <section class="focus-panel" aria-labelledby="focus-title">
      <h2 id="focus-title">
        <span class={`dot ${hueClass(focus)}`} aria-hidden="true" />
        <bdi>{visibleText(focus, 200)}</bdi>
      </h2>
      {node !== undefined && (
        <p class="muted">
          {formatWhole(node.requests)} requests
          {node.requests > 0 && <>, {formatShare(node.errors / node.requests)} failed</>}
          {node.p95Ms !== null && <>, p95 {formatDuration(node.p95Ms * 1000)}</>}
        </p>
      )}
      {node?.external === true
        ? <p class="muted">It sends no spans itself; its callers tell of it.</p>
        : (
          <p class="row">
            <Link
              path="/traces"
              params={searchParams(params, termOf("service", focus))}
              class="button"
            >
              Its traces
            </Link>
            <Link
              path="/traces"
              params={searchParams(params, termOf("service", focus), "status:error")}
              class="button"
            >
              Those that failed
            </Link>
          </p>
        )}
      <Calls title="Called by" edges={callers} other={(edge) => edge.source} params={params} />
      <Calls title="Calls" edges={called} other={(edge) => edge.destination} params={params} />
    </section>
  );
}

function Calls({ title, edges, other, params }: {
  readonly title: string;
  readonly edges: readonly MapEdge[];
  readonly other: (edge: MapEdge) => string;
  readonly params: URLSearchParams;
}) {
  if (edges.length === 0) return null;
  return (
    <table class="calls">
      <thead>
        <tr>
          <th scope="col">{title}</th>
          <th scope="col" class="number">Calls</th>
          <th scope="col" class="number">Failed</th>
          <th scope="col" class="number">p95</th>
        </tr>
      </thead>
      <tbody>
        {edges.map((edge) => {
          const level = levelOf(edge.errors, edge.calls);
          return (
            <tr key={other(edge)}>
              <th scope="row">
                <Link path="/services" params={changed(params, { focus: other(edge) })}>
                  <bdi>{visibleText(other(edge), 80)}</bdi>
                </Link>
                {edge.sources !== "spans" && <span class="tag">mw</span>}
              </th>
              <td class="number">
                <Link
                  path="/traces"
                  params={searchParams(params, ...edgeTerms(edge))}
                  title="Traces with these calls"
                >
                  {formatWhole(edge.calls)}
                </Link>
              </td>
              <td class={`number level-${level}`}>
                <span aria-hidden="true">{MARKS[level]}</span>{" "}
                {formatShare(edge.calls === 0 ? 0 : edge.errors / edge.calls)}
              </td>
              <td class="number">{formatDuration(edge.p95Ms * 1000)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
