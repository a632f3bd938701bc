/**
 * A number beside what it was before.
 *
 * @module
 */

/** `+120 ms`, `−3`; nothing when both are equal. More is worse, unless it is neither. */
export function Difference(
  { before, after, format, neutral = false }: {
    readonly before: number;
    readonly after: number;
    readonly format: (value: number) => string;
    readonly neutral?: boolean;
  },
) {
  if (before === after) return null;
  const more = after > before;
  return (
    <span class={`difference ${neutral ? "muted" : more ? "bad" : "ok"}`}>
      {` ${more ? "+" : "−"}${format(Math.abs(after - before))}`}
    </span>
  );
}
