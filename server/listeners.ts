/**
 * Opens the listeners of a server.
 *
 * @module
 */

import { SETTINGS, type Settings } from "./config.ts";
import { ScouterError } from "./errors.ts";
import type { HttpApp } from "./http/context.ts";
import { listenHttp } from "./http/listener.ts";
import { type GrpcHandler, type Listener, listenGrpc } from "./rpc/listener.ts";

/** The option `--mode`. */
export type ServeMode = "http" | "grpc" | "both";

/** Open listeners; null where turned off or, for OTLP, taken by another program. */
export interface Listeners {
  readonly http: Listener | null;
  readonly otlpHttp: Listener | null;
  readonly grpc: Listener | null;
  readonly otlpGrpc: Listener | null;
  /** What the operator should know, one sentence each. */
  readonly warnings: readonly string[];
  /** Stops accepting and resolves when requests under way have ended. */
  close(): Promise<void>;
  /** Ends requests under way. */
  abort(): void;
}

/**
 * Fails early when a main port cannot be bound: opening the stores takes a while, and touches the data directory.
 *
 * @throws {ScouterError} PRECONDITION_FAILED
 */
export function checkMainPorts(settings: Settings, mode: ServeMode): void {
  const { host: hostname } = settings;
  const wanted = [
    { wanted: mode !== "grpc", port: settings.httpPort, setting: SETTINGS.httpPort },
    { wanted: mode !== "http", port: settings.grpcPort, setting: SETTINGS.grpcPort },
  ];
  for (const { wanted: isWanted, port, setting } of wanted) {
    if (!isWanted || port === 0) continue;
    try {
      Deno.listen({ hostname, port }).close();
    } catch (cause) {
      throw bindError(cause, hostname, port, setting.name);
    }
  }
}

/**
 * Opens the listeners of a mode.
 *
 * @throws {ScouterError} PRECONDITION_FAILED when a main port is taken or cannot be bound.
 */
export async function openListeners(
  settings: Settings,
  mode: ServeMode,
  http: HttpApp,
  grpc: GrpcHandler,
): Promise<Listeners> {
  const { host } = settings;
  const warnings: string[] = [];
  const open: Listener[] = [];
  const start = async (
    wanted: boolean,
    setting: { readonly name: string },
    port: number,
    optional: boolean,
    listen: () => Listener | Promise<Listener>,
  ): Promise<Listener | null> => {
    if (!wanted || port === 0) return null;
    try {
      const listener = await listen();
      open.push(listener);
      return listener;
    } catch (cause) {
      const error = bindError(cause, host, port, setting.name);
      if (!optional) throw error;
      warnings.push(
        `${error.message} ${error.suggestedAction} Exporters with default settings will not reach this server.`,
      );
      return null;
    }
  };
  const close = async () => void await Promise.all(open.map((listener) => listener.close()));
  try {
    const overHttp = mode !== "grpc";
    const overGrpc = mode !== "http";
    return {
      http: await start(
        overHttp,
        SETTINGS.httpPort,
        settings.httpPort,
        false,
        () => listenHttp(http, host, settings.httpPort),
      ),
      grpc: await start(
        overGrpc,
        SETTINGS.grpcPort,
        settings.grpcPort,
        false,
        () => listenGrpc(grpc, host, settings.grpcPort),
      ),
      otlpHttp: await start(
        overHttp,
        SETTINGS.otlpHttpPort,
        settings.otlpHttpPort,
        true,
        () => listenHttp(http, host, settings.otlpHttpPort),
      ),
      otlpGrpc: await start(
        overGrpc,
        SETTINGS.otlpGrpcPort,
        settings.otlpGrpcPort,
        true,
        () => listenGrpc(grpc, host, settings.otlpGrpcPort),
      ),
      warnings,
      close,
      abort: () => open.forEach((listener) => listener.abort()),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function bindError(cause: unknown, host: string, port: number, setting: string): ScouterError {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (cause instanceof Deno.errors.AddrInUse || code === "EADDRINUSE") {
    return new ScouterError(
      "PRECONDITION_FAILED",
      `Port ${port} on ${host} is taken by another program.`,
      {
        cause,
        suggestedAction:
          `Stop that program, set ${setting} to another port, or to 0 to do without.`,
      },
    );
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ScouterError(
    "PRECONDITION_FAILED",
    `Cannot listen on ${host}, port ${port}: ${reason}.`,
    { cause, suggestedAction: `Check SCOUTER_HOST and ${setting}.` },
  );
}
