/**
 * A JSON value as a tree. Only what is open is in the document.
 *
 * @module
 */

import { useState } from "preact/hooks";
import { formatWhole } from "../format.ts";
import { LongText } from "../long_text.tsx";
import { visibleText } from "../text.ts";

/** Entries shown at once; more are one click away. */
const MANY = 100;

/** The tree. */
export function JsonTree(
  { value, depth = 0 }: { readonly value: unknown; readonly depth?: number },
) {
  if (Array.isArray(value)) {
    return <Entries entries={value.map((entry, i) => [String(i), entry])} list depth={depth} />;
  }
  if (value !== null && typeof value === "object") {
    return <Entries entries={Object.entries(value)} list={false} depth={depth} />;
  }
  if (typeof value === "string") {
    return (
      <span class="json-string">
        <LongText text={value} />
      </span>
    );
  }
  return <span class="json-other">{String(value)}</span>;
}

function Entries(
  { entries, list, depth }: {
    readonly entries: readonly (readonly [string, unknown])[];
    readonly list: boolean;
    readonly depth: number;
  },
) {
  const [shown, setShown] = useState(MANY);
  if (entries.length === 0) return <span class="muted">{list ? "[ ]" : "{ }"}</span>;
  return (
    <ul class="json">
      {entries.slice(0, shown).map(([key, value], i) => (
        <Entry key={i} name={key} list={list} value={value} depth={depth} />
      ))}
      {entries.length > shown && (
        <li>
          <button type="button" class="small" onClick={() => setShown(shown + MANY * 5)}>
            {formatWhole(entries.length - shown)} more
          </button>
        </li>
      )}
    </ul>
  );
}

function Entry(
  { name, list, value, depth }: {
    readonly name: string;
    readonly list: boolean;
    readonly value: unknown;
    readonly depth: number;
  },
) {
  const size = sizeOf(value);
  const [open, setOpen] = useState(depth < 3);
  const key = <bdi class={list ? "muted" : "json-key"}>{visibleText(name, 200)}</bdi>;
  if (size === null) {
    return (
      <li>
        {key}: <JsonTree value={value} depth={depth + 1} />
      </li>
    );
  }
  return (
    <li>
      <details open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>
          {key} <span class="muted">{size}</span>
        </summary>
        {open && <JsonTree value={value} depth={depth + 1} />}
      </details>
    </li>
  );
}

/** `3 items` or `2 fields`; null for what has no inside. */
function sizeOf(value: unknown): string | null {
  if (Array.isArray(value)) return `[${value.length}]`;
  if (value !== null && typeof value === "object") return `{${Object.keys(value).length}}`;
  return null;
}
