/**
 * Draws the map: boxes that bring a service into focus, lines that open the traces behind them.
 *
 * @module
 */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { formatCompact, formatDuration, formatShare, formatWhole } from "../format.ts";
import { Link } from "../link.tsx";
import { changed } from "../place.ts";
import { hueClass } from "../service_color.ts";
import { visibleText } from "../text.ts";
import type { MapEdge, MapNode } from "./graph.ts";
import { NODE_HEIGHT, NODE_WIDTH, type PlacedEdge, type PlacedMap } from "./layout.ts";
import { levelOf, MARKS } from "./levels.ts";
import { edgeTerms, searchParams } from "./links.ts";

const MIN_ZOOM = 0.3;
const MAX_ZOOM = 2;
const STEP = 1.25;
/** A map that fits at this size or larger begins so: its text is still easy to read. */
const READABLE_ZOOM = 0.85;

/**
 * The picture, in a box of its own that scrolls. It begins where text is readable, with the service in
 * focus in the middle, or else the one that fails most.
 */
export function MapPicture({ placed, focus, params }: {
  readonly placed: PlacedMap;
  readonly focus: string | null;
  readonly params: URLSearchParams;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [zoom, setZoom] = useState(1);
  const [hint, setHint] = useState("");
  const most = Math.max(1, ...placed.edges.map(({ edge }) => edge.calls));
  useLayoutEffect(() => {
    const view = box.current;
    const [middle] = placed.nodes.toSorted((a, b) =>
      Number(b.node.name === focus) - Number(a.node.name === focus) ||
      Number(a.node.external) - Number(b.node.external) ||
      b.node.errors - a.node.errors || b.node.requests - a.node.requests
    );
    if (view === null || middle === undefined) return;
    view.scrollLeft = middle.x + NODE_WIDTH / 2 - view.clientWidth / 2;
    view.scrollTop = middle.y + NODE_HEIGHT / 2 - view.clientHeight / 2;
  }, [focus]);
  const fitting = () => {
    const view = box.current;
    return view === null
      ? 1
      : bounded(Math.min(1, view.clientWidth / placed.width, view.clientHeight / placed.height));
  };
  useLayoutEffect(() => {
    const zoom = fitting();
    if (zoom >= READABLE_ZOOM) setZoom(zoom);
  }, []);
  return (
    <div class="map-frame">
      <div class="map-zoom" role="group" aria-label="Size of the map">
        <button
          type="button"
          aria-label="Smaller"
          onClick={() => setZoom((now) => bounded(now / STEP))}
        >
          −
        </button>
        <button
          type="button"
          aria-label="Larger"
          onClick={() => setZoom((now) => bounded(now * STEP))}
        >
          +
        </button>
        <button type="button" onClick={() => setZoom(fitting())}>Fit</button>
      </div>
      <div
        ref={box}
        class="map-box"
        role="group"
        aria-label="Map of services. Boxes focus on a service, lines open the traces of its calls."
        tabIndex={0}
        onPointerDown={(event) => box.current !== null && drag(event, box.current)}
      >
        <div
          class="map-sheet"
          style={{ width: `${placed.width * zoom}px`, height: `${placed.height * zoom}px` }}
        >
          <div
            class="map-scaled"
            style={{
              width: `${placed.width}px`,
              height: `${placed.height}px`,
              transform: `scale(${zoom})`,
            }}
          >
            <svg width={placed.width} height={placed.height}>
              <defs>
                {(["ok", "warn", "bad", "none"] as const).map((level) => (
                  <marker
                    key={level}
                    id={`arrow-${level}`}
                    class={`arrow-${level}`}
                    viewBox="0 0 8 8"
                    refX="7"
                    refY="4"
                    markerWidth="9"
                    markerHeight="9"
                    markerUnits="userSpaceOnUse"
                    orient="auto"
                  >
                    <path d="M0 0L8 4L0 8z" />
                  </marker>
                ))}
              </defs>
              {placed.edges.map((each) => (
                <EdgeLine
                  key={keyOf(each.edge)}
                  placed={each}
                  most={most}
                  params={params}
                  onHint={setHint}
                />
              ))}
            </svg>
            {placed.nodes.map(({ node, x, y }) => (
              <Link
                key={node.name}
                path="/services"
                params={changed(params, { focus: node.name })}
                class={nodeClass(node, focus)}
                style={{
                  left: `${x}px`,
                  top: `${y}px`,
                  width: `${NODE_WIDTH}px`,
                  height: `${NODE_HEIGHT}px`,
                }}
              >
                <span class="map-name">
                  <span class={`dot ${hueClass(node.name)}`} />
                  <bdi title={visibleText(node.name, 500)}>{visibleText(node.name, 80)}</bdi>
                  {node.middlewareOnly && <span class="tag">mw</span>}
                </span>
                <NodeFacts node={node} />
              </Link>
            ))}
          </div>
        </div>
      </div>
      {hint !== "" && <p class="map-hint" aria-hidden="true">{hint}</p>}
    </div>
  );
}

function NodeFacts({ node }: { readonly node: MapNode }) {
  const level = levelOf(node.errors, node.requests);
  if (node.requests === 0) {
    return <span class="map-facts">{node.external ? "external" : "no requests"}</span>;
  }
  return (
    <span class="map-facts">
      <span class={`level-${level}`}>
        {MARKS[level]} {formatShare(node.errors / node.requests)}
      </span>
      <span>{formatCompact(node.requests)} req</span>
      {node.external
        ? <span>external</span>
        : node.p95Ms !== null && <span>{formatDuration(node.p95Ms * 1000)}</span>}
    </span>
  );
}

function EdgeLine({ placed, most, params, onHint }: {
  readonly placed: PlacedEdge;
  readonly most: number;
  readonly params: URLSearchParams;
  readonly onHint: (text: string) => void;
}) {
  const { edge, path, labelX, labelY } = placed;
  const level = levelOf(edge.errors, edge.calls);
  const weight = 1.25 + 3.75 * Math.log1p(edge.calls) / Math.log1p(most);
  const mark = level === "warn" || level === "bad" ? `${MARKS[level]} ` : "";
  const count = `${formatCompact(edge.calls)}${edge.sources === "middleware" ? " mw" : ""}`;
  const label = `${mark}${count}`;
  const text = edgeText(edge);
  return (
    <Link
      path="/traces"
      params={searchParams(params, ...edgeTerms(edge))}
      class={`map-edge edge-${level}`}
      // Whoever speaks to the page says what is written there: the name has to hold it.
      label={text.includes(count) ? text : `${text} (${count})`}
      onHint={(shown) => onHint(shown ? text : "")}
    >
      <path class="edge-hit" d={path} />
      <path
        class="edge-line"
        d={path}
        stroke-width={weight}
        marker-end={`url(#arrow-${level})`}
      />
      <rect
        x={labelX - 4 - label.length * 3.4}
        y={labelY - 9}
        width={8 + label.length * 6.8}
        height={18}
        rx={4}
      />
      <text x={labelX} y={labelY + 4} text-anchor="middle">{label}</text>
    </Link>
  );
}

/** What a line stands for, in words. */
export function edgeText(edge: MapEdge): string {
  const known = edge.sources === "middleware"
    ? "; known from middleware records"
    : edge.sources === "both"
    ? "; known from spans and middleware records"
    : "";
  return `${visibleText(edge.source, 100)} calls ${visibleText(edge.destination, 100)}: ` +
    `${formatWhole(edge.calls)} ${edge.calls === 1 ? "call" : "calls"}, ` +
    `${formatShare(edge.calls === 0 ? 0 : edge.errors / edge.calls)} failed, ` +
    `p95 ${formatDuration(edge.p95Ms * 1000)}${known}`;
}

function nodeClass(node: MapNode, focus: string | null): string {
  const level = levelOf(node.errors, node.requests);
  return `map-node node-${level}${node.external ? " external" : ""}${
    node.name === focus ? " focused" : ""
  }`;
}

function keyOf(edge: MapEdge): string {
  return JSON.stringify([edge.source, edge.destination]);
}

function bounded(zoom: number): number {
  return Math.max(MIN_ZOOM, Math.min(MAX_ZOOM, zoom));
}

/** Moves the sheet with the pointer. A press on a box or line is left to it. */
function drag(event: PointerEvent, box: HTMLElement): void {
  const onItem = event.target instanceof Element && event.target.closest("a") !== null;
  if (event.button !== 0 || event.pointerType === "touch" || onItem) return;
  const from = { x: event.clientX, y: event.clientY, left: box.scrollLeft, top: box.scrollTop };
  box.setPointerCapture(event.pointerId);
  const move = (moved: PointerEvent) => {
    box.scrollLeft = from.left - (moved.clientX - from.x);
    box.scrollTop = from.top - (moved.clientY - from.y);
  };
  const end = () => {
    box.removeEventListener("pointermove", move);
    box.removeEventListener("pointerup", end);
    box.removeEventListener("pointercancel", end);
  };
  box.addEventListener("pointermove", move);
  box.addEventListener("pointerup", end);
  box.addEventListener("pointercancel", end);
}
