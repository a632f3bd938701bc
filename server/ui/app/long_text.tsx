/**
 * Texts that may be long.
 *
 * @module
 */

import { useState } from "preact/hooks";
import { formatSize } from "./format.ts";
import { visibleText, webAddress } from "./text.ts";

/** Shown at once; the rest is one click away. */
const FOLDED = 600;
/** A text is laid out in pieces of this length, so that the browser can skip those out of view. */
const PIECE = 20_000;

/** A text, folded when it is long. Web addresses become links. */
export function LongText({ text }: { readonly text: string }) {
  const [open, setOpen] = useState(false);
  const address = webAddress(text);
  if (address !== null) {
    return <a href={address} target="_blank" rel="noopener noreferrer">{visibleText(text)}</a>;
  }
  if (text.length <= FOLDED) return <span class="text" dir="auto">{visibleText(text)}</span>;
  return (
    <span class="text" dir="auto">
      {open ? <Pieces text={text} /> : visibleText(text, FOLDED)}{" "}
      <button type="button" class="small" aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? "Fold" : `Show all ${formatSize(new TextEncoder().encode(text).length)}`}
      </button>
    </span>
  );
}

function Pieces({ text }: { readonly text: string }) {
  const count = Math.ceil(text.length / PIECE);
  return (
    <>
      {Array.from(
        { length: count },
        (_, i) => (
          <span key={i} class="piece">{visibleText(text.slice(i * PIECE, (i + 1) * PIECE))}</span>
        ),
      )}
    </>
  );
}
