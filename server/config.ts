/**
 * Every setting of the server. `serve --help` and `docs/settings.md` are generated from here.
 *
 * @module
 */

import { BROKER_SETTINGS } from "./config_brokers.ts";
import {
  choice,
  flag,
  integer,
  list,
  port,
  type Setting,
  type SettingValue,
  text,
} from "./config_types.ts";
import { LOG_LEVELS } from "./telemetry/log.ts";

const NETWORK = "Network";
const DATA = "Data";
const ACCESS = "Access";
const TRACES = "Traces";
const QUERIES = "Queries";
const OPERATION = "Operation";

function isOrigin(item: string): boolean {
  return URL.canParse(item) && new URL(item).origin === item;
}

function isHostName(item: string): boolean {
  return /^[a-z0-9.-]+$/i.test(item) || /^\[[0-9a-f:]+\]$/i.test(item);
}

/** All settings, in the order they are documented. */
export const SETTINGS = {
  host: text("SCOUTER_HOST", "127.0.0.1", {
    group: NETWORK,
    meaning:
      "Address to listen on. Anything but loopback asks callers to log in. 0.0.0.0 is every interface.",
  }),
  httpPort: port("SCOUTER_SERVER_PORT", 8000, {
    group: NETWORK,
    meaning: "HTTP: REST, OTLP, Connect, gRPC-Web, metrics, health.",
  }),
  grpcPort: port("SCOUTER_GRPC_PORT", 50051, {
    group: NETWORK,
    meaning: "Native gRPC: all services, OTLP, health, reflection. 0 turns it off.",
  }),
  otlpHttpPort: port("SCOUTER_OTLP_HTTP_PORT", 4318, {
    group: NETWORK,
    meaning: "Second HTTP port, where OpenTelemetry exporters send by default. 0 turns it off.",
  }),
  otlpGrpcPort: port("SCOUTER_OTLP_GRPC_PORT", 4317, {
    group: NETWORK,
    meaning: "Second gRPC port, where OpenTelemetry exporters send by default. 0 turns it off.",
  }),
  maxBodyMb: integer("SCOUTER_MAX_BODY_MB", 64, { min: 1, max: 1024 }, {
    group: NETWORK,
    unit: "MiB",
    meaning: "Largest request after decompression, over HTTP and gRPC alike.",
  }),
  allowedOrigins: list(
    "SCOUTER_ALLOWED_ORIGINS",
    isOrigin,
    "origins such as https://app.example.com, separated by commas",
    {
      group: NETWORK,
      defaultText: "none",
      meaning: "Web pages of other origins that may call the server from a browser.",
    },
  ),
  allowedHosts: list(
    "SCOUTER_ALLOWED_HOSTS",
    isHostName,
    "host names without ports, separated by commas",
    {
      group: NETWORK,
      defaultText: "loopback names",
      meaning:
        "Further values accepted in the Host header while no login is asked for, such as host.docker.internal.",
    },
  ),
  dataDir: text("SCOUTER_DATA_DIR", "./.scouter", {
    group: DATA,
    meaning: "Everything embedded lives here: database, lake, hot files, generated secrets.",
  }),
  storageUri: text("SCOUTER_STORAGE_URI", "", {
    group: DATA,
    defaultText: "`lake` in the data directory",
    meaning: "Folder of the Delta tables.",
  }),
  databaseUri: text("DATABASE_URI", "", {
    group: DATA,
    secret: true,
    defaultText: "embedded",
    meaning: "postgresql:// address of the relational store; empty for the embedded one.",
  }),
  maxPoolSize: integer("MAX_POOL_SIZE", 200, { min: 1, max: 10_000 }, {
    group: DATA,
    unit: "connections",
    meaning: "Most connections to PostgreSQL.",
  }),
  minPoolSize: integer("MIN_POOL_SIZE", 20, { min: 0, max: 10_000 }, {
    group: DATA,
    unit: "connections",
    meaning: "Idle connections that are kept.",
  }),
  dbAcquireTimeoutSeconds: integer("DB_ACQUIRE_TIMEOUT_SECONDS", 10, { min: 1, max: 3600 }, {
    group: DATA,
    unit: "s",
    meaning: "Longest wait for a free connection.",
  }),
  dbIdleTimeoutSeconds: integer("DB_IDLE_TIMEOUT_SECONDS", 300, { min: 1, max: 86_400 }, {
    group: DATA,
    unit: "s",
    meaning: "How long an unused connection is kept.",
  }),
  dbMaxLifetimeSeconds: integer("DB_MAX_LIFETIME_SECONDS", 1800, { min: 1, max: 604_800 }, {
    group: DATA,
    unit: "s",
    meaning: "How long any connection is kept.",
  }),
  auth: choice("SCOUTER_AUTH", "auto", ["auto", "required", "off"], {
    group: ACCESS,
    meaning:
      "auto: no login while bound to loopback only, login otherwise. required: always. off: never; whoever reaches the port is admin.",
  }),
  defaultUsername: text("SCOUTER_DEFAULT_USERNAME", "", {
    group: ACCESS,
    defaultText: "none",
    meaning: "First admin, created when there is no user yet.",
  }),
  defaultPassword: text("SCOUTER_DEFAULT_PASSWORD", "", {
    group: ACCESS,
    secret: true,
    defaultText: "none",
    meaning:
      "Password of the first admin. Without it, a one-time link is printed at the first start.",
  }),
  bootstrapKey: text("SCOUTER_BOOTSTRAP_KEY", "", {
    group: ACCESS,
    secret: true,
    defaultText: "none",
    meaning: "Whoever sends it in x-bootstrap-token may create users. Empty: nobody.",
  }),
  encryptSecret: text("SCOUTER_ENCRYPT_SECRET", "", {
    group: ACCESS,
    secret: true,
    defaultText: "generated once",
    meaning: "Signs access tokens. Give all processes of one installation the same.",
  }),
  refreshSecret: text("SCOUTER_REFRESH_SECRET", "", {
    group: ACCESS,
    secret: true,
    defaultText: "generated once",
    meaning: "Signs refresh tokens. Give all processes of one installation the same.",
  }),
  traceFlushSeconds: integer("SCOUTER_TRACE_FLUSH_INTERVAL_SECS", 600, { min: 1, max: 86_400 }, {
    group: TRACES,
    unit: "s",
    meaning:
      "Age at which buffered spans are written to the Delta table. They are durable and visible to queries long before.",
  }),
  traceBufferSpans: integer("SCOUTER_TRACE_BUFFER_SIZE", 32_768, { min: 100, max: 1_000_000 }, {
    group: TRACES,
    unit: "spans",
    meaning: "Number of buffered spans at which they are written to the Delta table.",
  }),
  traceBacklogMb: integer("SCOUTER_TRACE_BACKLOG_MB", 128, { min: 8, max: 65_536 }, {
    group: TRACES,
    unit: "MiB",
    meaning:
      "Spans in memory on their way to the Delta table; beyond it clients are told to come back later. Log records have " +
      "a quarter of this besides.",
  }),
  dedupWindowSeconds: integer("SCOUTER_TRACE_DEDUP_WINDOW_SECS", 900, { min: 0, max: 86_400 }, {
    group: TRACES,
    unit: "s",
    meaning: "A span sent again within this time is stored once. 0 turns it off.",
  }),
  dedupMaxSpans: integer("SCOUTER_TRACE_DEDUP_SPANS", 4_000_000, { min: 1000, max: 100_000_000 }, {
    group: TRACES,
    unit: "spans",
    meaning: "Spans remembered for that at most.",
  }),
  traceCompactionHours: integer("SCOUTER_TRACE_COMPACTION_INTERVAL_HOURS", 24, {
    min: 1,
    max: 720,
  }, {
    group: TRACES,
    unit: "h",
    meaning: "How often small files of the tables are merged.",
  }),
  traceRetentionDays: integer("TRACE_DATA_RETENTION_PERIOD", 365, { min: 1, max: 36_500 }, {
    group: TRACES,
    unit: "d",
    meaning: "Spans and log records older than this are dropped, whole days at a time.",
  }),
  queryTimeoutSeconds: integer("SCOUTER_QUERY_TIMEOUT_SECS", 30, { min: 1, max: 3600 }, {
    group: QUERIES,
    unit: "s",
    meaning: "Longest run of one query.",
  }),
  queryMemoryMb: integer("SCOUTER_QUERY_MEMORY_MB", 1024, { min: 64, max: 1_048_576 }, {
    group: QUERIES,
    unit: "MiB",
    meaning: "Memory of all queries together; beyond it they use the disk.",
  }),
  queryThreads: integer("SCOUTER_QUERY_THREADS", 0, { min: 0, max: 256 }, {
    group: QUERIES,
    defaultText: "one per core",
    meaning: "Threads shared by all queries. 0: one per core.",
  }),
  ...BROKER_SETTINGS,
  shutdownSeconds: integer("SCOUTER_SHUTDOWN_TIMEOUT_SECS", 25, { min: 1, max: 3600 }, {
    group: OPERATION,
    unit: "s",
    meaning: "Time to finish work after SIGTERM before the process ends anyway.",
  }),
  telemetryEndpoint: text("SCOUTER_TELEMETRY_ENDPOINT", "", {
    group: OPERATION,
    defaultText: "OTEL_EXPORTER_OTLP_ENDPOINT, else none",
    meaning:
      "Where spans about the server itself go: an OTLP/HTTP base address, `self` for this server's own store, or `off`.",
  }),
  logLevel: choice("LOG_LEVEL", "info", LOG_LEVELS, {
    group: OPERATION,
    meaning: "Least severe log line written.",
  }),
  logJson: flag("LOG_JSON", false, {
    group: OPERATION,
    meaning: "Logs as one JSON object a line.",
  }),
} as const;

type ValueOf<S> = S extends Setting<infer T extends SettingValue> ? T : never;

/** The settings of a running server. */
export type Settings = { readonly [K in keyof typeof SETTINGS]: ValueOf<typeof SETTINGS[K]> };
