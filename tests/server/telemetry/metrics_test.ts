import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MetricsRegistry } from "../../../server/telemetry/metrics.ts";

describe("metrics", () => {
  it("render counters, gauges and histograms as Prometheus reads them", () => {
    const metrics = new MetricsRegistry();
    metrics.counter("spans_total", "Spans.").add(3);
    metrics.gauge("queue_bytes", "Bytes\nwaiting.").set(-1.5, { queue: 'a"b\\c\n' });
    const times = metrics.histogram("run_seconds", "Runs.", [0.1, 1]);
    for (const seconds of [0.1, 0.5, 7]) times.observe(seconds, { kind: "x" });
    assert.equal(
      metrics.render(),
      [
        "# HELP spans_total Spans.",
        "# TYPE spans_total counter",
        "spans_total 3",
        "# HELP queue_bytes Bytes\\nwaiting.",
        "# TYPE queue_bytes gauge",
        'queue_bytes{queue="a\\"b\\\\c\\n"} -1.5',
        "# HELP run_seconds Runs.",
        "# TYPE run_seconds histogram",
        'run_seconds_bucket{kind="x",le="0.1"} 1',
        'run_seconds_bucket{kind="x",le="1"} 2',
        'run_seconds_bucket{kind="x",le="+Inf"} 3',
        'run_seconds_sum{kind="x"} 7.6',
        'run_seconds_count{kind="x"} 3',
        "",
      ].join("\n"),
    );
  });

  it("keep one series for one name and set of labels", () => {
    const metrics = new MetricsRegistry();
    metrics.counter("a_total", "A.").add(1, { x: "1" });
    metrics.counter("a_total", "A.").add(2, { x: "1" });
    metrics.counter("a_total", "A.").add(4, { x: "2" });
    assert.equal(metrics.total("a_total"), 7);
    assert.match(metrics.render(), /^a_total\{x="1"\} 3$/m);
  });

  it("show a counter from the start", () => {
    const metrics = new MetricsRegistry();
    metrics.counter("errors_total", "Errors.");
    assert.match(metrics.render(), /^errors_total 0$/m);
  });

  it("ask observed values when they are read", () => {
    const metrics = new MetricsRegistry();
    let depth = 1;
    metrics.observedGauge("depth", "Depth.", () => depth);
    depth = 5;
    assert.match(metrics.render(), /^depth 5$/m);
  });

  it("refuse wrong names, types and buckets", () => {
    const metrics = new MetricsRegistry();
    metrics.counter("a_total", "A.");
    assert.throws(() => metrics.gauge("a_total", "A."), /is a counter, not a gauge/);
    assert.throws(() => metrics.counter("a-total", "A."), /not a metric name/);
    assert.throws(() => metrics.histogram("h", "H.", [1, 1]), /must ascend/);
    assert.throws(() => metrics.counter("a_total", "A.").add(-1), RangeError);
  });
});
