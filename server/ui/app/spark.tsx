/**
 * Small charts within text and tables. They say in words what they show; the exact numbers stand beside them.
 *
 * @module
 */

const WIDTH = 100;
const HEIGHT = 24;

/** What a small chart shows. */
export interface SparkProps {
  /** One value for each bucket of time; null where there is no data, which is drawn as a gap. */
  readonly values: readonly (number | null)[];
  /** Bars start at zero; a line is for what has no natural zero, such as percentiles. */
  readonly kind: "bars" | "line";
  readonly tone?: "plain" | "bad";
  /** What it shows, for those who do not see it. */
  readonly label: string;
}

/** The chart. */
export function Spark({ values, kind, tone = "plain", label }: SparkProps) {
  const top = Math.max(...values.map((value) => value ?? 0), Number.MIN_VALUE);
  const step = WIDTH / Math.max(1, values.length);
  const y = (value: number) => HEIGHT - 1 - (value / top) * (HEIGHT - 3);
  return (
    <svg
      class={`spark spark-${tone}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {kind === "bars"
        ? values.map((value, i) =>
          value !== null && value > 0 && (
            <rect
              key={i}
              x={i * step}
              y={y(value)}
              width={Math.max(0.5, step - step * 0.2)}
              height={HEIGHT - y(value)}
            />
          )
        )
        : <path d={linePath(values, step, y)} />}
    </svg>
  );
}

/** A line through neighbours, broken at gaps; a value alone between gaps becomes a short stroke. */
function linePath(
  values: readonly (number | null)[],
  step: number,
  y: (value: number) => number,
): string {
  let path = "";
  let open = false;
  values.forEach((value, i) => {
    if (value === null) {
      open = false;
      return;
    }
    const x = (i + 0.5) * step;
    const alone = !open && (values[i + 1] ?? null) === null;
    if (alone) path += `M${x - step * 0.4} ${y(value)}H${x + step * 0.4}`;
    else path += `${open ? "L" : "M"}${x} ${y(value)}`;
    open = true;
  });
  return path;
}
