/**
 * What differs between two texts, line by line.
 *
 * @module
 */

import { longest } from "./align.ts";

/** A line of a difference. */
export interface DiffLine {
  readonly kind: "same" | "added" | "removed";
  readonly text: string;
}

/** More lines than these are compared only at their beginning and end. */
const MOST_CELLS = 4_000_000;

/** The lines of both texts in order. */
export function diffLines(a: string, b: string): DiffLine[] {
  const left = a.split("\n");
  const right = b.split("\n");
  let head = 0;
  while (head < left.length && head < right.length && left[head] === right[head]) head++;
  let tail = 0;
  while (
    tail < left.length - head && tail < right.length - head &&
    left[left.length - 1 - tail] === right[right.length - 1 - tail]
  ) tail++;
  const middleA = left.slice(head, left.length - tail);
  const middleB = right.slice(head, right.length - tail);
  const pairs = middleA.length * middleB.length <= MOST_CELLS ? longest(middleA, middleB) : [];
  const lines: DiffLine[] = [];
  const add = (kind: DiffLine["kind"], texts: readonly string[]) => {
    for (const text of texts) lines.push({ kind, text });
  };
  add("same", left.slice(0, head));
  let i = 0;
  let j = 0;
  for (const [x, y] of [...pairs, [middleA.length, middleB.length]] as const) {
    add("removed", middleA.slice(i, x));
    add("added", middleB.slice(j, y));
    if (x < middleA.length && y < middleB.length) add("same", middleA.slice(x, x + 1));
    i = x + 1;
    j = y + 1;
  }
  add("same", left.slice(left.length - tail));
  return lines;
}
