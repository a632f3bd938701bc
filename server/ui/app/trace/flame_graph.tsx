/**
 * Where the time of a trace went: spans added up by name, wide ones first.
 *
 * @module
 */

import { useMemo } from "preact/hooks";
import { formatDuration, formatPart, formatWhole } from "../format.ts";
import { setParams } from "../place.ts";
import { hueClass } from "../service_color.ts";
import { visibleText } from "../text.ts";
import { type FlameNode, flameTree } from "./flame_tree.ts";
import type { TraceModel } from "./trace_model.ts";

const ROW_HEIGHT = 24;
/** Narrower blocks are not drawn, as a share of the width. */
const LEAST_SHARE = 0.002;
/** Widths of blocks whose name can be read, as a share. */
const NAMED_SHARE = 0.03;

interface Block {
  readonly node: FlameNode;
  readonly parent: Block | null;
  readonly left: number;
  readonly width: number;
  readonly level: number;
}

/** The graph. A click or Enter zooms to a name, Escape or Backspace goes back up, arrows move. */
export function FlameGraph(
  { model, params }: { readonly model: TraceModel; readonly params: URLSearchParams },
) {
  const root = useMemo(() => flameTree(model), [model]);
  const zoomed = params.get("flame") ?? "";
  const focus = useMemo(() => find(root, zoomed) ?? root, [root, zoomed]);
  const blocks = useMemo(() => blocksOf(focus), [focus]);
  const chosenPath = params.get("block");
  const chosen = blocks.find(({ node }) => node.path === chosenPath) ?? blocks[0];
  const depth = blocks.reduce((most, { level }) => Math.max(most, level), 0) + 1;
  const choose = (block: Block | undefined) =>
    block !== undefined && setParams({ block: block.node.path }, true);
  const zoom = (path: string) => setParams({ flame: path, block: path });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || chosen === undefined) return;
    const siblings = blocks.filter(({ parent }) => parent === chosen.parent);
    const at = siblings.indexOf(chosen);
    if (event.key === "ArrowDown") choose(blocks.find(({ parent }) => parent === chosen));
    else if (event.key === "ArrowUp") choose(chosen.parent ?? undefined);
    else if (event.key === "ArrowRight") choose(siblings[at + 1]);
    else if (event.key === "ArrowLeft") choose(siblings[at - 1]);
    else if (event.key === "Enter") zoom(chosen.node.path);
    else if (event.key === "Backspace" || event.key === "Escape") zoom(parentPath(root, focus));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="flame">
      <div class="row flame-head">
        <span class="muted">
          Spans added up by name. Width is time, with parallel work counted as often as it was done.
        </span>
        <span class="grow" />
        {focus !== root && (
          <button type="button" class="small" onClick={() => zoom("")}>Whole trace</button>
        )}
      </div>
      <div
        class="flame-view"
        role="tree"
        tabIndex={0}
        aria-label="Time by name"
        {...(chosen === undefined ? {} : { "aria-activedescendant": blockId(chosen.node) })}
        style={{ height: `${depth * ROW_HEIGHT}px` }}
        onKeyDown={onKeyDown}
      >
        {blocks.map((block) => (
          <div
            key={block.node.path}
            id={blockId(block.node)}
            role="treeitem"
            aria-level={block.level + 1}
            aria-selected={block === chosen}
            aria-label={textOf(block.node, root)}
            title={textOf(block.node, root)}
            class={`flame-block ${
              block.node.depth === 0 ? "flame-root" : hueClass(block.node.service)
            }${block.node.failed > 0 ? " failed" : ""}`}
            style={{
              left: `${block.left * 100}%`,
              width: `${block.width * 100}%`,
              top: `${block.level * ROW_HEIGHT}px`,
            }}
            onClick={() => zoom(block.node.path)}
          >
            {block.width > NAMED_SHARE && (
              <bdi>
                {visibleText(block.node.name, 100)}
                {block.node.count > 1 && ` ×${formatWhole(block.node.count)}`}
              </bdi>
            )}
          </div>
        ))}
      </div>
      {chosen !== undefined && (
        <p class="flame-facts" role="status">
          {chosen.node.depth === 0
            ? <>{formatDuration(chosen.node.totalUs)} of work in all</>
            : <NodeFacts node={chosen.node} />}
        </p>
      )}
    </div>
  );
}

function NodeFacts({ node }: { readonly node: FlameNode }) {
  return (
    <>
      <b>
        <bdi>{visibleText(node.name, 200)}</bdi>
      </b>{" "}
      <span class="muted">{visibleText(node.service, 100)}</span> {formatWhole(node.count)}{" "}
      {node.count === 1 ? "span" : "spans"}
      {node.failed > 0 && <span class="bad">, ✕ {formatWhole(node.failed)} failed</span>},{" "}
      {formatDuration(node.totalUs)} with all below, {formatDuration(node.selfUs)} in itself{" "}
      <button
        type="button"
        class="small"
        onClick={() => setParams({ view: "table", find: node.name })}
      >
        Show the spans
      </button>
    </>
  );
}

function blocksOf(focus: FlameNode): Block[] {
  const blocks: Block[] = [];
  const whole = Math.max(1, focus.totalUs);
  const add = (node: FlameNode, parent: Block | null, left: number, level: number) => {
    const width = level === 0 ? 1 : node.totalUs / whole;
    if (width < LEAST_SHARE) return;
    const block = { node, parent, left, width, level };
    blocks.push(block);
    let at = left;
    for (const child of node.children) {
      add(child, block, at, level + 1);
      at += child.totalUs / whole;
    }
  };
  add(focus, null, 0, 0);
  return blocks;
}

function find(root: FlameNode, path: string): FlameNode | null {
  let node: FlameNode | undefined = root;
  while (node !== undefined && node.path !== path) {
    node = node.children.find((child) => path === child.path || path.startsWith(`${child.path}/`));
  }
  return node ?? null;
}

function parentPath(root: FlameNode, node: FlameNode): string {
  let at = root;
  for (;;) {
    const next = at.children.find((child) => node.path.startsWith(`${child.path}/`));
    if (next === undefined) return at.path;
    at = next;
  }
}

const ids = new Map<string, string>();

/** A path as the id of an element: numbered, because names may hold anything. */
function blockId({ path }: FlameNode): string {
  let id = ids.get(path);
  if (id === undefined) ids.set(path, id = `block-${ids.size}`);
  return id;
}

function textOf(node: FlameNode, root: FlameNode): string {
  const share = formatPart(node.totalUs / Math.max(1, root.totalUs));
  return `${visibleText(node.name, 100)}${node.count > 1 ? ` ×${formatWhole(node.count)}` : ""}: ${
    formatDuration(node.totalUs)
  }, ${share}`;
}
