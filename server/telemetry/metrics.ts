/**
 * The metrics registry and its Prometheus text form.
 *
 * @module
 */

import type { Counter, Gauge, Histogram, Labels, Metrics } from "./contract.ts";

/** Seconds; the buckets of the reference implementation's request histogram. */
export const DEFAULT_BUCKETS: readonly number[] = [
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  5,
  10,
];

/** The content type of {@linkcode MetricsRegistry.render}. */
export const PROMETHEUS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const NO_LABELS: Labels = {};

/** A value computed when the metrics are read. */
export type Collector = () => number;

/** One series of a family that is computed when the metrics are read. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

interface Distribution {
  readonly labels: string;
  readonly counts: number[];
  sum: number;
  count: number;
}

interface Family {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  lines(name: string): Iterable<string>;
}

/** Renders label values as Prometheus writes them, without braces; empty when there are none. */
function labelText(labels: Labels): string {
  let text = "";
  for (const name in labels) {
    const value = labels[name];
    if (value === undefined) continue;
    if (!LABEL_NAME.test(name)) throw new TypeError(`"${name}" is not a metric label name`);
    const escaped = value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
    text += `${text === "" ? "" : ","}${name}="${escaped}"`;
  }
  return text;
}

/** Prometheus numbers: infinities have names of their own. */
function numberText(value: number): string {
  if (value === Infinity) return "+Inf";
  if (value === -Infinity) return "-Inf";
  return String(value);
}

function line(name: string, labels: string, value: number): string {
  return labels === "" ? `${name} ${numberText(value)}` : `${name}{${labels}} ${numberText(value)}`;
}

class ScalarFamily implements Family, Counter, Gauge {
  readonly type: "counter" | "gauge";
  readonly help: string;
  readonly #values = new Map<string, number>();
  #collector: Collector | undefined;

  constructor(type: "counter" | "gauge", help: string) {
    this.type = type;
    this.help = help;
    // A counter without labels is visible from the start, so that a rate over it has a first point.
    if (type === "counter") this.#values.set("", 0);
  }

  add(value = 1, labels: Labels = NO_LABELS): void {
    if (!(value >= 0)) throw new RangeError(`A counter cannot grow by ${value}`);
    const key = labels === NO_LABELS ? "" : labelText(labels);
    this.#values.set(key, (this.#values.get(key) ?? 0) + value);
  }

  set(value: number, labels: Labels = NO_LABELS): void {
    this.#values.set(labels === NO_LABELS ? "" : labelText(labels), value);
  }

  collect(collector: Collector): void {
    this.#collector = collector;
  }

  total(): number {
    if (this.#collector !== undefined) return this.#collector();
    let sum = 0;
    for (const value of this.#values.values()) sum += value;
    return sum;
  }

  *lines(name: string): Iterable<string> {
    if (this.#collector !== undefined) {
      yield line(name, "", this.#collector());
      return;
    }
    const labelled = this.#values.size > 1;
    for (const [labels, value] of this.#values) {
      if (labelled && labels === "" && value === 0) continue;
      yield line(name, labels, value);
    }
  }
}

/** A family whose series are kept elsewhere. */
class ObservedFamily implements Family {
  readonly type: "counter" | "gauge";
  readonly help: string;
  readonly #collect: () => Iterable<Sample>;

  constructor(type: "counter" | "gauge", help: string, collect: () => Iterable<Sample>) {
    this.type = type;
    this.help = help;
    this.#collect = collect;
  }

  total(): number {
    let sum = 0;
    for (const { value } of this.#collect()) sum += value;
    return sum;
  }

  *lines(name: string): Iterable<string> {
    for (const { labels, value } of this.#collect()) yield line(name, labelText(labels), value);
  }
}

class HistogramFamily implements Family, Histogram {
  readonly type = "histogram";
  readonly help: string;
  readonly #buckets: readonly number[];
  readonly #series = new Map<string, Distribution>();

  constructor(help: string, buckets: readonly number[]) {
    this.help = help;
    this.#buckets = buckets;
  }

  observe(value: number, labels: Labels = NO_LABELS): void {
    const key = labels === NO_LABELS ? "" : labelText(labels);
    let series = this.#series.get(key);
    if (series === undefined) {
      series = { labels: key, counts: this.#buckets.map(() => 0), sum: 0, count: 0 };
      this.#series.set(key, series);
    }
    series.sum += value;
    series.count += 1;
    const at = this.#buckets.findIndex((bound) => value <= bound);
    if (at >= 0) series.counts[at] = (series.counts[at] ?? 0) + 1;
  }

  *lines(name: string): Iterable<string> {
    for (const { labels, counts, sum, count } of this.#series.values()) {
      const prefix = labels === "" ? "" : `${labels},`;
      let below = 0;
      for (const [index, bound] of this.#buckets.entries()) {
        below += counts[index] ?? 0;
        yield line(`${name}_bucket`, `${prefix}le="${numberText(bound)}"`, below);
      }
      yield line(`${name}_bucket`, `${prefix}le="+Inf"`, count);
      yield line(`${name}_sum`, labels, sum);
      yield line(`${name}_count`, labels, count);
    }
  }
}

/**
 * Holds every series of the process.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const metrics = new MetricsRegistry();
 * metrics.counter("spans_total", "Spans stored.").add(3);
 * assert.ok(metrics.render().includes("spans_total 3"));
 * ```
 */
export class MetricsRegistry implements Metrics {
  readonly #families = new Map<string, Family>();

  #family<F extends Family>(name: string, type: Family["type"], create: () => F): F {
    const known = this.#families.get(name);
    if (known !== undefined) {
      if (known.type !== type) {
        throw new TypeError(`The metric "${name}" is a ${known.type}, not a ${type}`);
      }
      return known as F;
    }
    if (!METRIC_NAME.test(name)) throw new TypeError(`"${name}" is not a metric name`);
    const family = create();
    this.#families.set(name, family);
    return family;
  }

  /** @inheritdoc */
  counter(name: string, help: string): Counter {
    return this.#family(name, "counter", () => new ScalarFamily("counter", help));
  }

  /** @inheritdoc */
  gauge(name: string, help: string): Gauge {
    return this.#family(name, "gauge", () => new ScalarFamily("gauge", help));
  }

  /** A gauge whose value is asked for when the metrics are read. */
  observedGauge(name: string, help: string, collector: Collector): void {
    this.#family(name, "gauge", () => new ScalarFamily("gauge", help)).collect(collector);
  }

  /** A counter kept elsewhere (by the runtime, for example) and asked for when the metrics are read. */
  observedCounter(name: string, help: string, collector: Collector): void {
    this.#family(name, "counter", () => new ScalarFamily("counter", help)).collect(collector);
  }

  /** A family of series kept elsewhere and asked for when the metrics are read. */
  observedSeries(
    name: string,
    type: "counter" | "gauge",
    help: string,
    collect: () => Iterable<Sample>,
  ): void {
    this.#family(name, type, () => new ObservedFamily(type, help, collect));
  }

  /** @inheritdoc */
  histogram(name: string, help: string, buckets: readonly number[] = DEFAULT_BUCKETS): Histogram {
    return this.#family(name, "histogram", () => {
      if (buckets.some((bound, index) => index > 0 && !(bound > (buckets[index - 1] ?? bound)))) {
        throw new RangeError(`The buckets of "${name}" must ascend: ${buckets.join(", ")}`);
      }
      return new HistogramFamily(help, buckets);
    });
  }

  /** The sum over all series of a counter or gauge; 0 when there is none of that name. */
  total(name: string): number {
    const family = this.#families.get(name);
    return family instanceof ScalarFamily || family instanceof ObservedFamily ? family.total() : 0;
  }

  /** All series in Prometheus text exposition format 0.0.4. */
  render(): string {
    const out: string[] = [];
    for (const [name, family] of this.#families) {
      const help = family.help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
      out.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${family.type}`);
      out.push(...family.lines(name));
    }
    out.push("");
    return out.join("\n");
  }
}
