/**
 * The map of services: which part of it to show, and what is known of the service in focus.
 *
 * @module
 */

import { useEffect, useMemo, useState } from "preact/hooks";
import { formatWhole } from "../format.ts";
import { setParams } from "../place.ts";
import { visibleText } from "../text.ts";
import { FocusPanel } from "./focus_panel.tsx";
import { neighbourhood, type ServiceMap, worstService } from "./graph.ts";
import { layoutMap } from "./layout.ts";
import { MapPicture } from "./map_picture.tsx";

/** More services than this are too many to begin with. */
const MOST_AT_ONCE = 40;
/** The value of `focus` that shows all, however many. */
const ALL = "*";
const NARROW = matchMedia("(max-width: 760px)");

/** The map. Its focus stands in the address. */
export function MapView(
  { map, params }: { readonly map: ServiceMap; readonly params: URLSearchParams },
) {
  const narrow = useNarrow();
  const chosen = params.get("focus");
  const crowded = map.nodes.length > MOST_AT_ONCE;
  const focus = chosen === ALL
    ? null
    : chosen !== null && map.nodes.some(({ name }) => name === chosen)
    ? chosen
    : crowded
    ? worstService(map)
    : null;
  const shown = focus === null ? map : neighbourhood(map, focus);
  const placed = useMemo(
    () => layoutMap(shown, narrow ? "down" : "right"),
    [map, focus, narrow],
  );
  return (
    <div class="map-view">
      <div class="row filter-line">
        <label class="sr" for="search">Focus on a service</label>
        <input
          id="search"
          type="search"
          list="service-names"
          placeholder="Focus on a service"
          key={focus ?? ""}
          defaultValue={focus ?? ""}
          onInput={({ currentTarget: { value } }) => {
            if (map.nodes.some(({ name }) => name === value)) setParams({ focus: value });
          }}
        />
        <datalist id="service-names">
          {map.nodes.map(({ name }) => <option key={name} value={name} />)}
        </datalist>
        {focus !== null && (
          <button
            type="button"
            onClick={() => setParams({ focus: crowded ? ALL : null })}
          >
            Show all {formatWhole(map.nodes.length)} services
          </button>
        )}
        <span class="muted" role="status">
          {focus === null
            ? `${formatWhole(map.nodes.length)} services, ${formatWhole(map.edges.length)} ways`
            : chosen === null
            ? `${formatWhole(map.nodes.length)} services: beginning at ${
              visibleText(focus, 60)
            }, which fails most`
            : `${visibleText(focus, 60)} and its ${formatWhole(shown.nodes.length - 1)} neighbours`}
        </span>
      </div>
      {chosen !== null && chosen !== ALL && focus !== chosen && (
        <p class="banner">
          {visibleText(chosen, 100)} neither called nor was called in this time range.
        </p>
      )}
      <div class={focus === null ? "map-body" : "map-body with-focus"}>
        <MapPicture key={`${focus} ${narrow}`} placed={placed} focus={focus} params={params} />
        {focus !== null && <FocusPanel map={map} focus={focus} params={params} />}
      </div>
      <Legend />
    </div>
  );
}

function Legend() {
  return (
    <ul class="map-legend" aria-label="Legend">
      <li>
        <span class="level-ok" aria-hidden="true">✓</span> under 1 % fail
      </li>
      <li>
        <span class="level-warn" aria-hidden="true">▲</span> 1 % to 5 %, dashed
      </li>
      <li>
        <span class="level-bad" aria-hidden="true">✕</span> 5 % and more
      </li>
      <li>
        <span class="legend-line" aria-hidden="true" /> the thicker, the more calls
      </li>
      <li>
        <span class="legend-box" aria-hidden="true" /> sends no spans itself
      </li>
      <li>
        <span class="tag">mw</span> known from middleware records
      </li>
    </ul>
  );
}

function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(NARROW.matches);
  useEffect(() => {
    const listener = () => setNarrow(NARROW.matches);
    NARROW.addEventListener("change", listener);
    return () => NARROW.removeEventListener("change", listener);
  }, []);
  return narrow;
}
