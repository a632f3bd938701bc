/**
 * The composition root: turns settings into a running server.
 *
 * @module
 */

import { join, resolve } from "node:path";
import { createAuth } from "./auth/mod.ts";
import type { Settings } from "./config.ts";
import { type Consumers, startConsumers } from "./consumers/mod.ts";
import type { Database } from "./db/database.ts";
import { GenAiPriceRepository } from "./db/genai_prices.ts";
import { TagRepository } from "./db/tags.ts";
import { TraceBaggageRepository } from "./db/trace_baggage.ts";
import { PriceBook } from "./genai/price_book.ts";
import { apiKeysRoutes } from "./http/api_keys_routes.ts";
import { createHttpApp } from "./http/app.ts";
import { authRoutes } from "./http/auth_routes.ts";
import { clientAddress } from "./http/context.ts";
import { datasetRoutes } from "./http/dataset_routes.ts";
import { genAiPriceRoutes } from "./http/genai_price_routes.ts";
import { genAiRoutes } from "./http/genai_routes.ts";
import type { Readiness } from "./http/health.ts";
import { logRoutes } from "./http/log_routes.ts";
import { otlpLogRoutes } from "./http/otlp_logs.ts";
import { otlpMetricRoutes } from "./http/otlp_metrics.ts";
import { tagsRoutes } from "./http/tags_routes.ts";
import { traceRoutes } from "./http/traces_routes.ts";
import { loadUiAssets, missingPage, uiRoutes } from "./http/ui_routes.ts";
import { usersRoutes } from "./http/users_routes.ts";
import { refuseMetrics } from "./ingest/otlp/metrics_refusal.ts";
import { createOtlpReceiver } from "./ingest/otlp/receiver.ts";
import { LogQueries } from "./lake/logs/log_queries.ts";
import { GenAiQueries } from "./lake/traces/genai/genai_queries.ts";
import { traceIdHash } from "./lake/traces/segment/mod.ts";
import { TraceQueries } from "./lake/traces/trace_queries.ts";
import { checkMainPorts, type Listeners, openListeners, type ServeMode } from "./listeners.ts";
import { adminService } from "./rpc/admin_service.ts";
import type { StoragePlaces } from "./rpc/admin_storage.ts";
import { accountsService } from "./rpc/accounts_service.ts";
import { authService } from "./rpc/auth.ts";
import { datasetService } from "./rpc/dataset_service.ts";
import { rpcInterceptor } from "./rpc/context.ts";
import { rpcFetchRoutes, type RpcOptions } from "./rpc/fetch.ts";
import { genAiService } from "./rpc/genai_service.ts";
import { grpcHandler } from "./rpc/listener.ts";
import { logService } from "./rpc/log_service.ts";
import { otlpHandlers } from "./rpc/otlp_export.ts";
import { rpcRoutes } from "./rpc/services.ts";
import { sampleService } from "./rpc/sample_service.ts";
import { sessionService } from "./rpc/session_service.ts";
import { traceService } from "./rpc/trace_service.ts";
import { lakeDir, openStorage, type Storage } from "./storage.ts";
import { ConnectionQueries } from "./service_map/connection_edges.ts";
import { ConnectionIntake } from "./service_map/intake.ts";
import { ServiceMapQueries } from "./service_map/service_map_queries.ts";
import { componentVersions, databaseSize, diskRoom, processFacts } from "./telemetry/about.ts";
import { IngestHealth } from "./telemetry/ingest_health.ts";
import { getLogger } from "./telemetry/log.ts";
import { MetricsRegistry } from "./telemetry/metrics.ts";
import { OWN_SENDER } from "./telemetry/ingest_sender.ts";
import {
  type OwnSpansExport,
  parseOtlpHeaders,
  sendOverHttp,
  startOwnSpans,
} from "./telemetry/own_spans.ts";
import { registerProcessMetrics } from "./telemetry/process_metrics.ts";
import { VERSION } from "./version.ts";
import { warmUp } from "./warm_up.ts";
import { startBackgroundLoops } from "./workers/loops.ts";
import type { Supervisor } from "./workers/supervisor.ts";

const logger = getLogger("app");

/** Entities a tag search may find at most. */
const MAX_TAGGED_ENTITIES = 10_000;
const LAG_SAMPLE_MS = 5000;

/** What calls find once everything is up. */
interface Running {
  readonly supervisor: Supervisor;
  readonly listeners: Listeners;
  readonly consumers: Consumers;
}

/** A running server. */
export interface RunningServer {
  readonly listeners: Listeners;
  readonly storage: Storage;
  readonly auth: Awaited<ReturnType<typeof createAuth>>;
  readonly metrics: MetricsRegistry;
  readonly consumers: Consumers;
  /**
   * Stops in order: no new connections, requests or messages of brokers; those under way finish and are acknowledged;
   * background loops end; everything buffered is made durable; stores close.
   *
   * @throws what could not be closed, after closing all the rest.
   */
  stop(): Promise<void>;
}

/**
 * Starts a server.
 *
 * @param settings All settings, validated.
 * @param mode Which listeners to open.
 * @throws {ScouterError} naming what is in the way.
 */
export async function startServer(settings: Settings, mode: ServeMode): Promise<RunningServer> {
  checkMainPorts(settings, mode);
  const metrics = new MetricsRegistry();
  registerProcessMetrics(metrics, VERSION);
  const ownSpans = ownSpansOf(settings, metrics);
  try {
    const storage = await openStorage(settings, metrics);
    try {
      return await assemble(settings, mode, metrics, storage, ownSpans);
    } catch (error) {
      await storage.close();
      throw error;
    }
  } catch (error) {
    ownSpans?.abandon();
    throw error;
  }
}

/** Takes spans about the server when the settings say where to; undefined when they do not. */
function ownSpansOf(settings: Settings, metrics: MetricsRegistry) {
  const endpoint = settings.telemetryEndpoint ||
    (Deno.env.get("OTEL_EXPORTER_OTLP_ENDPOINT") ?? "");
  if (endpoint === "" || endpoint === "off") return undefined;
  const headers = parseOtlpHeaders(Deno.env.get("OTEL_EXPORTER_OTLP_HEADERS") ?? "");
  return startOwnSpans({
    version: VERSION,
    metrics,
    ...(endpoint === "self" ? {} : { send: sendOverHttp(endpoint, headers) }),
  });
}

async function assemble(
  settings: Settings,
  mode: ServeMode,
  metrics: MetricsRegistry,
  storage: Storage,
  ownSpans: OwnSpansExport | undefined,
): Promise<RunningServer> {
  const { database, engine, spans, connections } = storage;
  const auth = await createAuth({
    database,
    metrics,
    setting: settings.auth,
    hosts: [settings.host],
    ...given("accessSecret", settings.encryptSecret),
    ...given("refreshSecret", settings.refreshSecret),
    ...given("bootstrapKey", settings.bootstrapKey),
    ...given("defaultUsername", settings.defaultUsername),
    ...given("defaultPassword", settings.defaultPassword),
  });
  const authority = auth.authenticator;
  const tags = new TagRepository(database.db);
  const maxBodyBytes = settings.maxBodyMb << 20;
  const health = new IngestHealth();
  health.register(metrics);
  const receiver = createOtlpReceiver({ store: spans, maxBodyBytes, metrics, health });
  ownSpans?.deliverTo(async (body) => {
    const attempt = health.begin("self", OWN_SENDER);
    await receiver.receive("envelope", body, null, "json", attempt);
  });
  const otherSignals = {
    logs: createOtlpReceiver({
      store: storage.logs,
      maxBodyBytes,
      metrics,
      health,
      signal: "logs",
    }),
    metrics: createOtlpReceiver({
      store: refuseMetrics(metrics),
      maxBodyBytes,
      metrics,
      health,
      signal: "metrics",
    }),
  };
  const logs = new LogQueries({ store: storage.logs, engine, traceIdHash });
  const prices = new PriceBook(new GenAiPriceRepository(database.db));
  const queries = new TraceQueries({ store: spans, engine, traceIdHash, prices });
  const serviceMap = new ServiceMapQueries(queries, new ConnectionQueries(connections, engine));
  const intake = new ConnectionIntake(connections, health);
  const genAi = new GenAiQueries({ store: spans, engine, traceIdHash, logs, prices });
  let stopping = false;
  const readiness = () => readinessOf(storage, stopping, up.running?.consumers.checks() ?? {});
  /** Set once everything is up; calls come later. */
  const up: { running?: Running } = {};

  const rpc: RpcOptions = {
    routes: rpcRoutes({
      receiver,
      authority,
      tags,
      readiness,
      services: [
        authService({ authority, logins: auth.logins }),
        sessionService({ authority, logins: auth.logins, bootstrap: auth.bootstrap }),
        accountsService({
          authority,
          accounts: auth.accounts,
          apiKeys: auth.apiKeys,
          forget: () => authority.forget(),
        }),
        traceService({ authority, queries, serviceMap }),
        datasetService({ authority, connections: intake }),
        sampleService({ authority, queries, spans }),
        genAiService({ authority, queries: genAi, prices }),
        adminService({
          authority,
          health,
          spans,
          queries,
          settings,
          env: (name) => Deno.env.get(name),
          keyNames: async (caller) =>
            new Map((await auth.apiKeys.list(caller)).map((key) => [key.id, key])),
          otherTables: async () => [(await storage.logs.status()).table, connections.status],
          places: () => storagePlaces(settings, database),
          workers: () => [
            ...up.running?.supervisor.workers ?? [],
            ...up.running?.consumers.workers() ?? [],
          ],
          about: () => aboutServer(database, authority.mode, up.running?.listeners),
        }),
        logService({ authority, logs }),
      ],
    }),
    interceptors: [rpcInterceptor(authority, metrics)],
    maxMessageBytes: maxBodyBytes,
  };
  const assets = await loadUiAssets();
  const http = createHttpApp({
    version: VERSION,
    host: settings.host,
    allowedHosts: settings.allowedHosts,
    allowedOrigins: settings.allowedOrigins,
    metrics,
    authority,
    receiver,
    tags,
    readiness,
    missingPage: missingPage(assets),
    routes: [
      authRoutes({ authority, logins: auth.logins, bootstrap: auth.bootstrap, clientAddress }),
      usersRoutes({ authenticator: authority, accounts: auth.accounts }),
      apiKeysRoutes({ authenticator: authority, apiKeys: auth.apiKeys }),
      tagsRoutes({ authority, tags, baggage: new TraceBaggageRepository(database.db) }),
      traceRoutes({
        authority,
        queries,
        serviceMap,
        findTaggedEntities: (entityType, filters, matchAll) =>
          tags.entitiesWith(entityType, filters, matchAll, MAX_TAGGED_ENTITIES),
      }),
      otlpLogRoutes({ authority, receiver: otherSignals.logs }),
      otlpMetricRoutes({ authority, receiver: otherSignals.metrics }),
      logRoutes({ authority, logs }),
      datasetRoutes({ authority, connections: intake, maxBodyBytes }),
      genAiRoutes({ authority, queries: genAi, prices }),
      genAiPriceRoutes({ authority, prices }),
      rpcFetchRoutes(rpc),
      uiRoutes({ assets }),
    ],
  });
  const requests = metrics.counter("rpc_requests_total", "RPCs by method and status.");
  const grpc = grpcHandler(
    rpc,
    otlpHandlers({ traces: receiver, ...otherSignals }, { authority, requests }),
  );
  const listeners = await openListeners(settings, mode, http, grpc);
  const supervisor = startBackgroundLoops(settings, storage, metrics);
  supervisor.every("ingest_health", LAG_SAMPLE_MS, () => {
    health.sampleTableLag(spans.tableLagMs());
    return Promise.resolve();
  });
  const consumers = startConsumers({
    settings,
    metrics,
    messages: { receiver, tags },
    trouble: async () =>
      Object.values(await storeChecks(storage)).find((check) => check !== "ok") ?? "",
  });
  up.running = { supervisor, listeners, consumers };
  const warm = warmUp(engine, join(resolve(settings.dataDir), "tmp")).catch((error) =>
    logger.debug("Warming up failed, the first requests take longer: {error}", { error })
  );
  return {
    listeners,
    storage,
    auth,
    metrics,
    consumers,
    async stop() {
      stopping = true;
      await Promise.all([listeners.close(), consumers.stop()]);
      await warm;
      await supervisor.stop();
      await ownSpans?.stop();
      await auth.close();
      await storage.close();
    },
  };
}

async function storagePlaces(settings: Settings, database: Database): Promise<StoragePlaces> {
  const dataDir = resolve(settings.dataDir);
  const [room, databaseSizeBytes] = await Promise.all([diskRoom(dataDir), databaseSize(database)]);
  return {
    dataDir,
    lakeUri: lakeDir(settings),
    diskFreeBytes: room.freeBytes,
    diskSizeBytes: room.sizeBytes,
    databaseKind: database.kind,
    databaseSizeBytes,
  };
}

async function aboutServer(database: Database, authMode: string, listeners?: Listeners) {
  const facts = processFacts();
  const port = (listener: { readonly port: number } | null | undefined) => listener?.port ?? 0;
  return {
    version: VERSION,
    startedUs: BigInt(Math.round(facts.startedMs * 1000)),
    uptimeMs: BigInt(Math.round(facts.uptimeMs)),
    components: await componentVersions(database),
    platform: facts.platform,
    cpus: facts.cpus,
    memoryRssBytes: facts.memoryRssBytes,
    databaseKind: database.kind,
    authMode,
    listeners: [
      { name: "http", port: port(listeners?.http) },
      { name: "grpc", port: port(listeners?.grpc) },
      { name: "otlp-http", port: port(listeners?.otlpHttp) },
      { name: "otlp-grpc", port: port(listeners?.otlpGrpc) },
    ],
    pid: facts.pid,
  };
}

async function storeChecks(storage: Storage): Promise<Record<string, string>> {
  return {
    database: await storage.database.ping().then(() => "ok", (error: Error) => error.message),
    spans: storage.spans.trouble() || "ok",
    logs: storage.logs.trouble() || "ok",
  };
}

async function readinessOf(
  storage: Storage,
  stopping: boolean,
  brokers: Record<string, string>,
): Promise<Readiness> {
  const checks = { ...await storeChecks(storage), process: stopping ? "stopping" : "ok" };
  return {
    ready: Object.values(checks).every((check) => check === "ok"),
    // Told, but without them the server still serves: it must not be taken out of service with its broker.
    checks: { ...checks, ...brokers },
  };
}

function given<K extends string>(key: K, value: string): { readonly [P in K]?: string } {
  return value === "" ? {} : { [key]: value } as { readonly [P in K]: string };
}
