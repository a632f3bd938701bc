/**
 * Texts that may be long.
 *
 * @module
 */

import { useEffect, useMemo, useState } from "preact/hooks";
import { formatWhole } from "./format.ts";
import { visibleText, webAddress } from "./text.ts";

/** Shown at once; the rest is one click away. */
const FOLDED = 600;
/** A text is laid out in pieces of this length, so that the browser can skip those out of view. */
const PIECE = 10_000;
/** Pieces added per picture, so that unfolding never holds the page up. */
const PIECES_AT_ONCE = 4;

/** What is shown. */
export interface LongTextProps {
  readonly text: string;
  /** Characters of the whole text where `text` is only its beginning. */
  readonly fullLength?: number;
  /** Asks for the whole text, which then comes as `text`. */
  readonly onWhole?: () => void;
}

/** A text, folded when it is long. Web addresses become links. */
export function LongText({ text, fullLength = 0, onWhole }: LongTextProps) {
  const [open, setOpen] = useState(false);
  const address = webAddress(text);
  const cut = fullLength > text.length;
  if (address !== null && !cut) {
    return <a href={address} target="_blank" rel="noopener noreferrer">{visibleText(text)}</a>;
  }
  if (text.length <= FOLDED && !cut) {
    return <span class="text" dir="auto">{visibleText(text)}</span>;
  }
  const length = Math.max(fullLength, text.length);
  return (
    <span class="text" dir="auto">
      {open && !cut ? <Pieces text={text} /> : visibleText(text, FOLDED)}{" "}
      <button
        type="button"
        class="small unfold"
        aria-expanded={open}
        onClick={() => {
          if (!open && cut) onWhole?.();
          setOpen(!open);
        }}
      >
        {open && cut ? "Loading…" : open ? "Fold" : `Show all ${formatWhole(length)} characters`}
      </button>
    </span>
  );
}

function Pieces({ text }: { readonly text: string }) {
  const count = Math.ceil(text.length / PIECE);
  const [shown, setShown] = useState(PIECES_AT_ONCE);
  useEffect(() => {
    if (shown >= count) return;
    const frame = requestAnimationFrame(() => setShown(shown + PIECES_AT_ONCE));
    return () => cancelAnimationFrame(frame);
  }, [shown, count]);
  return (
    <>
      {Array.from(
        { length: Math.min(shown, count) },
        (_, i) => <Piece key={i} text={text} from={i * PIECE} />,
      )}
    </>
  );
}

function Piece({ text, from }: { readonly text: string; readonly from: number }) {
  // Made once: the pieces before it are drawn again whenever one is added.
  return useMemo(
    () => <span class="piece">{visibleText(text.slice(from, from + PIECE))}</span>,
    [text, from],
  );
}
