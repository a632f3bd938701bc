/**
 * Services: a table of how each is doing, and a map of who calls whom.
 *
 * @module
 */

import { int64, traces } from "../api.ts";
import { useLoad } from "../loading.ts";
import { NearestData } from "../nearest_data.tsx";
import { setParams } from "../place.ts";
import { lazyPage } from "../shell/lazy_page.tsx";
import { EmptyNote, FailureNote, Skeleton } from "../states.tsx";
import type { TimeWindow } from "../time_range.ts";
import { useWindow } from "../use_window.ts";
import { mapOf } from "./graph.ts";
import { ServiceTable } from "./service_table.tsx";

const MapView = lazyPage(() => import("./map_view.tsx").then((file) => file.MapView));

/** Points of the small charts. */
const POINTS = 40;

/** The page at `/services`. */
export function ServicesPage({ params }: { readonly params: URLSearchParams }) {
  const { window, refresh } = useWindow(params);
  const asMap = params.get("view") === "map";
  return (
    <div class="services">
      <div class="page-head">
        <h1>Services</h1>
        <div class="tabs" role="group" aria-label="View">
          {(["table", "map"] as const).map((view) => (
            <button
              key={view}
              type="button"
              aria-pressed={asMap === (view === "map")}
              onClick={() => setParams({ view: view === "map" ? "map" : null })}
            >
              {view === "map" ? "Map" : "Table"}
            </button>
          ))}
        </div>
      </div>
      {asMap
        ? <MapPart params={params} window={window} refresh={refresh} />
        : <TablePart params={params} window={window} refresh={refresh} />}
    </div>
  );
}

interface PartProps {
  readonly params: URLSearchParams;
  readonly window: TimeWindow;
  readonly refresh: () => void;
}

function TablePart({ params, window, refresh }: PartProps) {
  const list = useLoad(
    `${window.startUs} ${window.endUs}`,
    (signal) => traces.listServices({ ...timesOf(window), buckets: POINTS }, { signal }),
  );
  if (list.failure !== null) return <FailureNote failure={list.failure} onRetry={list.reload} />;
  if (list.data === null) return <Skeleton rows={8} />;
  if (list.data.services.length === 0) return <NearestData onData={refresh} />;
  return <ServiceTable services={list.data.services} params={params} loading={list.loading} />;
}

function MapPart({ params, window, refresh }: PartProps) {
  const graph = useLoad(
    `${window.startUs} ${window.endUs}`,
    async (signal) => {
      const [graph, { services }] = await Promise.all([
        traces.getServiceGraph(timesOf(window), { signal }),
        traces.listServices({ ...timesOf(window), buckets: 1 }, { signal }),
      ]);
      return mapOf(graph, services);
    },
  );
  if (graph.failure !== null) {
    return <FailureNote failure={graph.failure} onRetry={graph.reload} />;
  }
  if (graph.data === null) return <Skeleton rows={12} />;
  if (graph.data.nodes.length === 0) return <NearestData onData={refresh} />;
  return (
    <>
      {graph.data.edges.length === 0 && (
        <EmptyNote title="No service called another in this time range">
          <p>A call shows once spans of both sides carry the same trace id.</p>
        </EmptyNote>
      )}
      <MapView map={graph.data} params={params} />
    </>
  );
}

function timesOf({ startUs, endUs }: TimeWindow) {
  return { startTimeUs: int64(startUs), endTimeUs: int64(endUs) };
}
