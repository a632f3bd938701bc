/**
 * The command `serve`: starts, says where, and stops on a signal.
 *
 * @module
 */

import { resolve } from "node:path";
import { type RunningServer, startServer } from "./app.ts";
import { isLoopbackHost } from "./auth/auth_mode.ts";
import type { Settings } from "./config.ts";
import type { ServeMode } from "./listeners.ts";
import { lakeDir } from "./storage.ts";
import { getLogger } from "./telemetry/log.ts";
import { VERSION } from "./version.ts";

const logger = getLogger("main");

/** Serves until SIGINT or SIGTERM. @returns The exit code: 0 only after everything was closed in time. */
export async function serveCommand(settings: Settings, mode: ServeMode): Promise<number> {
  // Asked for first: a signal that comes while starting is obeyed once started.
  const stopped = stopSignal();
  const server = await startServer(settings, mode);
  for (const warning of server.listeners.warnings) logger.warn(warning);
  console.log(banner(server, settings));
  const signal = await stopped;
  logger.info("Stopping on {signal}", { signal });
  return await stopWithin(server, settings.shutdownSeconds * 1000);
}

function stopSignal(): Promise<Deno.Signal> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      Deno.addSignalListener(signal, () => resolve(signal));
    }
  });
}

async function stopWithin(server: RunningServer, deadlineMs: number): Promise<number> {
  // Requests still running late are ended, so that what is buffered can be written in the time that is left.
  const abort = setTimeout(() => server.listeners.abort(), deadlineMs / 2);
  let late: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<number>((end) => {
    late = setTimeout(() => {
      logger.error(
        "Not everything was closed within {seconds} s; what was acknowledged is on disk",
        {
          seconds: deadlineMs / 1000,
        },
      );
      end(1);
    }, deadlineMs);
  });
  const stopped = server.stop().then(() => 0, (error) => {
    logger.error("Stopping failed: {error}", {
      error: error instanceof Error ? error.stack ?? error.message : String(error),
    });
    return 1;
  });
  const code = await Promise.race([stopped, deadline]);
  clearTimeout(abort);
  clearTimeout(late);
  return code;
}

function banner(server: RunningServer, settings: Settings): string {
  const { http, grpc, otlpHttp, otlpGrpc } = server.listeners;
  const name = settings.host.includes(":") ? `[${settings.host}]` : settings.host;
  const at = (listener: { port: number } | null) =>
    listener === null ? "off" : `${name}:${listener.port}`;
  const lines = [
    `Scouter ${VERSION}, ready after ${Math.round(performance.now())} ms`,
    `  HTTP      ${http === null ? "off" : `http://${at(http)}`}`,
    `  gRPC      ${at(grpc)}`,
    `  OTLP      HTTP ${at(otlpHttp)}, gRPC ${at(otlpGrpc)}`,
    `  Data      ${resolve(settings.dataDir)} (database: ${server.storage.database.kind})`,
    `  Tables    ${lakeDir(settings)}`,
    `  Access    ${access(server, settings)}`,
  ];
  for (const description of server.consumers.descriptions) lines.push(`  Broker    ${description}`);
  const { outcome } = server.auth;
  if (outcome?.kind === "link" && http !== null) {
    lines.push(
      "",
      "  There is no administrator yet. This link makes one; it works once, within 24 hours:",
      `    http://${at(http)}/login#${outcome.token}`,
      "  So does this:",
      `    curl http://${at(http)}/scouter/auth/bootstrap -H 'content-type: application/json' \\`,
      `      -d '{"token": "${outcome.token}", "username": "admin", "password": "…"}'`,
    );
  }
  if (outcome?.kind === "created") lines.push(`  Created the administrator ${outcome.username}.`);
  return lines.join("\n");
}

function access(server: RunningServer, settings: Settings): string {
  if (server.auth.authenticator.mode === "required") return "login required";
  return isLoopbackHost(settings.host)
    ? "no login: only this machine reaches these ports"
    : "NO LOGIN: whoever reaches these ports is administrator";
}
