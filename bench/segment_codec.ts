/**
 * CPU cost of the segment codec by part, in one process: decode, micro-file encode, seal. Prints JSON.
 *
 * ```sh
 * deno run -A bench/segment_codec.ts [segments] [spans per segment]
 * ```
 *
 * @module
 */
import process from "node:process";
import { createSegmentBuilder } from "../server/lake/traces/segment/builder.ts";
import { sealSegment } from "../server/lake/traces/segment/seal.ts";
import { exportRequest, type SpanShape } from "./otlp_generator.ts";

const SPANS_PER_BODY = 512;
const WARM_UP_SEGMENTS = 3;
/** Bodies per micro-file, as a group commit under load gathers them. */
const BODIES_PER_COMMIT = 8;

interface CodecCost {
  readonly bodyBytesPerSpan: number;
  readonly microFileBytesPerSpan: number;
  readonly sealedBytesPerSpan: number;
  /** CPU microseconds a span, user and system. */
  readonly decodeUs: number;
  readonly encodeUs: number;
  readonly sealUs: number;
  readonly totalUs: number;
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Measures one shape and encoding; the first segments warm up and do not count. */
export function measureCodec(
  shape: SpanShape,
  encoding: "protobuf" | "json",
  segments: number,
  spansPerSegment: number,
): CodecCost {
  const bodiesPerSegment = Math.ceil(spansPerSegment / SPANS_PER_BODY);
  // Made once: the generator's garbage would be collected on the measured time.
  const bodies = Array.from(
    { length: bodiesPerSegment },
    (_, seed) => exportRequest({ shape, encoding, spans: SPANS_PER_BODY, seed }),
  );
  const builder = createSegmentBuilder();
  let [decode, encode, seal, spans, bodyBytes, microBytes, sealedBytes] = [0, 0, 0, 0, 0, 0, 0];
  for (let segment = -WARM_UP_SEGMENTS; segment < segments; segment++) {
    const cost = [0, 0, 0];
    let micro = 0;
    let committed = 0;
    for (let body = 0; body < bodies.length; body += BODIES_PER_COMMIT) {
      let before = cpuUs();
      for (const bytes of bodies.slice(body, body + BODIES_PER_COMMIT)) {
        builder.append(bytes, encoding, () => true);
      }
      cost[0]! += cpuUs() - before;
      before = cpuUs();
      micro += builder.encode(committed, builder.rowCount).bytes.length;
      cost[1]! += cpuUs() - before;
      committed = builder.rowCount;
    }
    const before = cpuUs();
    const files = sealSegment(builder.detach().payload);
    cost[2]! += cpuUs() - before;
    if (segment < 0) continue;
    decode += cost[0]!;
    encode += cost[1]!;
    seal += cost[2]!;
    spans += committed;
    microBytes += micro;
    bodyBytes += bodies.reduce((sum, bytes) => sum + bytes.length, 0);
    sealedBytes += files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }
  const perSpan = (total: number) => Math.round(total / spans * 1000) / 1000;
  return {
    bodyBytesPerSpan: perSpan(bodyBytes),
    microFileBytesPerSpan: perSpan(microBytes),
    sealedBytesPerSpan: perSpan(sealedBytes),
    decodeUs: perSpan(decode),
    encodeUs: perSpan(encode),
    sealUs: perSpan(seal),
    totalUs: perSpan(decode + encode + seal),
  };
}

if (import.meta.main) {
  const segments = Number(process.argv[2] ?? 4);
  const spans = Number(process.argv[3] ?? 32768);
  console.log(JSON.stringify(
    {
      plain: measureCodec("plain", "protobuf", segments, spans),
      genai: measureCodec("genai", "protobuf", segments, spans),
      plainJson: measureCodec("plain", "json", 1, spans),
    },
    null,
    2,
  ));
}
