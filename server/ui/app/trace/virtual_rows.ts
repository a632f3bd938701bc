/**
 * Long lists of which only the rows in view are in the document.
 *
 * @module
 */

import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/** Rows kept ready beyond the edges of the view. */
const MARGIN_ROWS = 6;
/** The rows in the document change only after so many rows were scrolled by. */
const STEP_ROWS = 8;

/** The rows in view, and what their scrolling box needs. */
export interface VirtualRows {
  readonly view: RefObject<HTMLDivElement>;
  readonly onScroll: (event: { readonly currentTarget: HTMLElement }) => void;
  /** First row to draw. */
  readonly first: number;
  /** One beyond the last row to draw. */
  readonly last: number;
}

/**
 * Follows the scrolling of a box of rows of equal height.
 *
 * @param count Number of rows.
 * @param heightPx Height of a row.
 * @param selected Row to keep in view, or -1; the box scrolls when it changes.
 * @param headPx Height of a head that stays at the top of the box.
 */
export function useVirtualRows(
  count: number,
  heightPx: number,
  selected: number,
  headPx = 0,
): VirtualRows {
  const view = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const stepPx = STEP_ROWS * heightPx;
  useEffect(() => {
    const element = view.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const element = view.current;
    if (element === null || selected < 0) return;
    const y = selected * heightPx;
    if (y < element.scrollTop) element.scrollTop = y;
    else if (headPx + y + heightPx > element.scrollTop + element.clientHeight) {
      element.scrollTop = headPx + y + heightPx - element.clientHeight;
    }
  }, [selected]);
  return {
    view,
    onScroll: ({ currentTarget }) =>
      setTop(currentTarget.scrollTop - currentTarget.scrollTop % stepPx),
    first: Math.min(Math.max(0, Math.floor(top / heightPx) - MARGIN_ROWS), Math.max(0, count - 1)),
    last: Math.min(count, Math.ceil((top + stepPx + height) / heightPx) + MARGIN_ROWS),
  };
}
