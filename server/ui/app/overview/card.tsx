/**
 * One number of the overview: what it is, how it changed, and its course.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import { Link } from "../link.tsx";
import { Spark, type SparkProps } from "../spark.tsx";
import type { Change } from "./comparison.ts";

/** What a card shows. */
export interface CardProps {
  readonly title: string;
  readonly value: string;
  /** The exact number where `value` is rounded. */
  readonly exact?: string;
  readonly path: string;
  readonly to: URLSearchParams;
  /** Null where there is nothing to compare with. */
  readonly change: Change | null;
  /** Whether more is worse, better, or neither. */
  readonly more: "worse" | "neither";
  readonly before: string;
  readonly spark: SparkProps;
  readonly children?: ComponentChildren;
}

/** The card. Its number leads to what is behind it. */
export function Card(
  { title, value, exact, path, to, change, more, before, spark, children }: CardProps,
) {
  const bad = change !== null && change.notable && more === "worse" && change.direction > 0;
  return (
    <section class="card" aria-label={title}>
      <h2>{title}</h2>
      <p class="card-value">
        <Link path={path} params={to} {...(exact === undefined ? {} : { title: exact })}>
          {value}
        </Link>
      </p>
      <p class="card-more">{children}</p>
      <Spark {...spark} />
      <p class={bad ? "card-change bad" : "card-change"}>
        {change === null ? `nothing in ${before}` : (
          <>
            <span aria-hidden="true">{change.mark}</span> {change.direction === 0
              ? `as in ${before}`
              : `${change.text} ${change.direction > 0 ? "more" : "less"} than ${before}`}
          </>
        )}
      </p>
    </section>
  );
}
