/**
 * Deterministic OTLP export requests for benchmarks and tests: the same options give the same bytes.
 *
 * @module
 */

/** `plain`: about 440 bytes and 12 attributes a span. `genai`: about 1,400 bytes with two 400-character messages. */
export type SpanShape = "plain" | "genai";

/** What to generate. */
export interface ExportRequestOptions {
  readonly shape: SpanShape;
  /** Number of spans in the request. */
  readonly spans: number;
  /** Different seeds give different ids and values. */
  readonly seed: number;
  /** Wire form; protobuf when absent. */
  readonly encoding?: "protobuf" | "json";
  /** Start of the first span in milliseconds since the epoch; 2026-01-05T10:00:00Z when absent. */
  readonly baseTimeMs?: number;
}

const SPANS_PER_TRACE = 5;
const DEFAULT_BASE_MS = Date.UTC(2026, 0, 5, 10);
const SERVICES = ["checkout", "cart", "catalog", "payment", "shipping", "search", "auth", "mail"];
const OPERATIONS = [
  "GET /products/{id}",
  "POST /orders",
  "SELECT orders",
  "GET /cart",
  "cache.get",
  "publish order.created",
  "POST /payments",
  "render template",
  "GET /search",
  "kafka consume",
];
const MODELS = ["gpt-4o-mini", "claude-sonnet-4", "gemini-2.5-flash", "llama-3.3-70b"];
const WORDS =
  ("the order was placed before noon and the customer asked whether it could be delivered to a different " +
    "address because nobody will be at home please summarise what we know about this request and propose " +
    "three short answers in a friendly tone without promising any exact hour").split(" ");

type Value = string | number | boolean;

interface GeneratedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: readonly (readonly [string, Value])[];
  readonly statusCode: number;
}

interface GeneratedRequest {
  readonly service: string;
  readonly resource: readonly (readonly [string, Value])[];
  readonly spans: readonly GeneratedSpan[];
}

/** Mulberry32: small, seeded, good enough for load. */
function randomFrom(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  return () => {
    state = state + 0x6d2b79f5 >>> 0;
    let mixed = Math.imul(state ^ state >>> 15, state | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return (mixed ^ mixed >>> 14) >>> 0;
  };
}

function hex(random: () => number, words: number): string {
  let text = "";
  for (let i = 0; i < words; i++) text += random().toString(16).padStart(8, "0");
  return text;
}

function pick<T>(random: () => number, from: readonly T[]): T {
  const value = from[random() % from.length];
  if (value === undefined) throw new RangeError("Nothing to pick from");
  return value;
}

function prose(random: () => number, characters: number): string {
  let text = "";
  while (text.length < characters) text += `${pick(random, WORDS)} `;
  return text.slice(0, characters);
}

function message(role: string, random: () => number): string {
  return JSON.stringify([{ role, parts: [{ type: "text", content: prose(random, 345) }] }]);
}

function attributesOf(shape: SpanShape, random: () => number): [string, Value][] {
  if (shape === "plain") {
    return [
      ["http.request.method", pick(random, ["GET", "POST", "PUT"])],
      ["http.route", "/api/v1/items/{id}"],
      ["http.response.status_code", pick(random, [200, 201, 404, 500])],
      ["url.scheme", "https"],
      ["url.path", `/api/v1/items/${random() % 100000}`],
      ["server.address", "shop.example.com"],
      ["server.port", 443],
      ["network.protocol.version", "1.1"],
      ["client.address", `10.0.${random() % 256}.${random() % 256}`],
      ["user_agent.original", "Mozilla/5.0 (X11)"],
      ["component", pick(random, ["http", "kafka", "db"])],
      ["user.id", `user-${random() % 50000}`],
    ];
  }
  return [
    ["gen_ai.operation.name", "chat"],
    ["gen_ai.provider.name", pick(random, ["openai", "anthropic", "google"])],
    ["gen_ai.request.model", pick(random, MODELS)],
    ["gen_ai.response.model", pick(random, MODELS)],
    ["gen_ai.conversation.id", `conv-${random() % 20000}`],
    ["gen_ai.agent.name", pick(random, ["support", "planner", "writer"])],
    ["gen_ai.usage.input_tokens", 100 + random() % 900],
    ["gen_ai.usage.output_tokens", 20 + random() % 400],
    ["gen_ai.request.temperature", (random() % 100 + 0.5) / 100],
    ["server.address", "api.example.com"],
    ["gen_ai.input.messages", message("user", random)],
    ["gen_ai.output.messages", message("assistant", random)],
  ];
}

function generate(options: ExportRequestOptions): GeneratedRequest {
  const random = randomFrom(options.seed);
  const baseNs = BigInt(options.baseTimeMs ?? DEFAULT_BASE_MS) * 1_000_000n +
    BigInt(options.seed) * 50_000_000n;
  const service = pick(random, SERVICES);
  const spans: GeneratedSpan[] = [];
  let traceId = "";
  let earlier: string[] = [];
  for (let i = 0; i < options.spans; i++) {
    if (i % SPANS_PER_TRACE === 0) {
      traceId = hex(random, 4);
      earlier = [];
    }
    const spanId = hex(random, 2);
    const startNs = baseNs + BigInt(random() % 1_000_000_000);
    const isError = random() % 20 === 0;
    spans.push({
      traceId,
      spanId,
      parentSpanId: earlier.length === 0 ? "" : pick(random, earlier),
      name: options.shape === "plain" ? pick(random, OPERATIONS) : `chat ${pick(random, MODELS)}`,
      kind: 1 + random() % 5,
      startNs,
      endNs: startNs + BigInt(50_000_000 + random() % 450_000_000),
      attributes: attributesOf(options.shape, random),
      statusCode: isError ? 2 : 0,
    });
    earlier.push(spanId);
  }
  const resource: [string, Value][] = [
    ["service.name", service],
    ["service.version", "1.4.2"],
    ["service.instance.id", `${service}-${options.seed % 4}`],
    ["telemetry.sdk.language", "nodejs"],
    ["telemetry.sdk.name", "opentelemetry"],
    ["deployment.environment.name", "production"],
  ];
  return { service, resource, spans };
}

/** Appends protobuf fields; nested messages are written by a callback and prefixed with their length. */
class ProtoWriter {
  #bytes = new Uint8Array(256);
  #length = 0;
  static readonly #encoder = new TextEncoder();

  #room(size: number): void {
    if (this.#length + size <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#length + size, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }

  varint(value: number): void {
    this.#room(10);
    while (value > 127) {
      this.#bytes[this.#length++] = value % 128 | 128;
      value = Math.floor(value / 128);
    }
    this.#bytes[this.#length++] = value;
  }

  bytes(tag: number, value: Uint8Array): void {
    this.varint(tag);
    this.varint(value.length);
    this.#room(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  string(tag: number, value: string): void {
    this.bytes(tag, ProtoWriter.#encoder.encode(value));
  }

  fixed64(tag: number, value: bigint): void {
    this.varint(tag);
    this.#room(8);
    new DataView(this.#bytes.buffer).setBigUint64(this.#length, value, true);
    this.#length += 8;
  }

  double(tag: number, value: number): void {
    this.varint(tag);
    this.#room(8);
    new DataView(this.#bytes.buffer).setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  message(tag: number, write: (into: ProtoWriter) => void): void {
    const inner = new ProtoWriter();
    write(inner);
    this.bytes(tag, inner.finish());
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }
}

function writeAttribute(
  out: ProtoWriter,
  tag: number,
  [key, value]: readonly [string, Value],
): void {
  out.message(tag, (pair) => {
    pair.string(0x0a, key);
    pair.message(0x12, (any) => {
      if (typeof value === "string") any.string(0x0a, value);
      else if (typeof value === "boolean") {
        any.varint(0x10);
        any.varint(value ? 1 : 0);
      } else if (Number.isInteger(value)) {
        any.varint(0x18);
        any.varint(value);
      } else any.double(0x21, value);
    });
  });
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function toProtobuf({ resource, spans }: GeneratedRequest): Uint8Array<ArrayBuffer> {
  const out = new ProtoWriter();
  out.message(0x0a, (resourceSpans) => {
    resourceSpans.message(0x0a, (message) => {
      for (const attribute of resource) writeAttribute(message, 0x0a, attribute);
    });
    resourceSpans.message(0x12, (scopeSpans) => {
      scopeSpans.message(0x0a, (scope) => {
        scope.string(0x0a, "@opentelemetry/instrumentation-http");
        scope.string(0x12, "0.57.0");
      });
      for (const span of spans) {
        scopeSpans.message(0x12, (message) => {
          message.bytes(0x0a, fromHex(span.traceId));
          message.bytes(0x12, fromHex(span.spanId));
          if (span.parentSpanId !== "") message.bytes(0x22, fromHex(span.parentSpanId));
          message.string(0x2a, span.name);
          message.varint(0x30);
          message.varint(span.kind);
          message.fixed64(0x39, span.startNs);
          message.fixed64(0x41, span.endNs);
          for (const attribute of span.attributes) writeAttribute(message, 0x4a, attribute);
          message.message(0x7a, (status) => {
            if (span.statusCode === 0) return;
            status.string(0x12, "Internal Server Error");
            status.varint(0x18);
            status.varint(span.statusCode);
          });
        });
      }
    });
  });
  return out.finish();
}

function jsonAttribute([key, value]: readonly [string, Value]) {
  if (typeof value === "string") return { key, value: { stringValue: value } };
  if (typeof value === "boolean") return { key, value: { boolValue: value } };
  if (Number.isInteger(value)) return { key, value: { intValue: String(value) } };
  return { key, value: { doubleValue: value } };
}

function toJson({ resource, spans }: GeneratedRequest): Uint8Array<ArrayBuffer> {
  const request = {
    resourceSpans: [{
      resource: { attributes: resource.map(jsonAttribute) },
      scopeSpans: [{
        scope: { name: "@opentelemetry/instrumentation-http", version: "0.57.0" },
        spans: spans.map((span) => ({
          traceId: span.traceId,
          spanId: span.spanId,
          parentSpanId: span.parentSpanId,
          name: span.name,
          kind: span.kind,
          startTimeUnixNano: String(span.startNs),
          endTimeUnixNano: String(span.endNs),
          attributes: span.attributes.map(jsonAttribute),
          status: span.statusCode === 0
            ? {}
            : { code: span.statusCode, message: "Internal Server Error" },
        })),
      }],
    }],
  };
  return new TextEncoder().encode(JSON.stringify(request));
}

/** One export request of one resource and scope. */
export function exportRequest(options: ExportRequestOptions): Uint8Array<ArrayBuffer> {
  const request = generate(options);
  return options.encoding === "json" ? toJson(request) : toProtobuf(request);
}

/** The distinct trace ids of a request, in hex, in order. */
export function traceIdsOf(options: ExportRequestOptions): string[] {
  return [...new Set(generate(options).spans.map(({ traceId }) => traceId))];
}
