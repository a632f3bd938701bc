/**
 * What went into a span or came out of it: as a tree or as it stands.
 *
 * @module
 */

import { useMemo, useState } from "preact/hooks";
import { CopyButton } from "../copy_button.tsx";
import { formatWhole } from "../format.ts";
import { LongText } from "../long_text.tsx";
import { JsonTree } from "./json_tree.tsx";

/** Longer texts are not read as JSON. */
const MOST_CHARS = 20_000_000;

/** A payload under its title; nothing when there is none. */
export function Payload(
  { title, json, fullLength, onWhole }: {
    readonly title: string;
    readonly json: string | undefined;
    /** Characters of the whole text where `json` is only its beginning, else 0. */
    readonly fullLength: number;
    readonly onWhole: () => void;
  },
) {
  const [raw, setRaw] = useState(false);
  const cut = json !== undefined && fullLength > json.length;
  const value = useMemo(() => cut ? undefined : valueOf(json ?? ""), [json, cut]);
  if (json === undefined) return null;
  const tree = value !== undefined && typeof value === "object" && value !== null;
  return (
    <section class="payload">
      <h3 class="row">
        {title}
        {tree && (
          <span class="segments small-segments" role="group" aria-label={`${title} shown as`}>
            <button
              type="button"
              aria-pressed={!raw}
              onClick={() =>
                setRaw(false)}
            >
              Tree
            </button>
            <button
              type="button"
              aria-pressed={raw}
              onClick={() =>
                setRaw(true)}
            >
              Raw
            </button>
          </span>
        )}
        <span class="grow" />
        {cut
          ? (
            <button type="button" class="small" onClick={onWhole}>
              Load all {formatWhole(fullLength)} characters
            </button>
          )
          : <CopyButton label="Copy" text={() => json} />}
      </h3>
      {tree && !raw
        ? (
          <div class="json-box">
            <JsonTree value={value} />
          </div>
        )
        : (
          <pre>
            <LongText
              text={typeof value === "string" ? value : json}
              fullLength={cut ? fullLength : 0}
              onWhole={onWhole}
            />
          </pre>
        )}
    </section>
  );
}

/** The value of a JSON text, and of a JSON text within a JSON string; undefined when it is not JSON. */
export function valueOf(json: string): unknown {
  if (json.length > MOST_CHARS) return undefined;
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
    return nested(value);
  } catch {
    return undefined;
  }
}

function nested(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A text that only begins like JSON.
    return text;
  }
}
