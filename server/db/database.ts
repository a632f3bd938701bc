/**
 * Opens the relational store: PGlite in the data directory by default, PostgreSQL by URI.
 *
 * @module
 */

import { Kysely, PostgresDialect, sql } from "kysely";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { ScouterError } from "../errors.ts";
import { getLogger } from "../telemetry/log.ts";
import { lockDirectory } from "./directory_lock.ts";
import { migrate } from "./migrate.ts";
import { pgliteDialect } from "./pglite_dialect.ts";
import { openPGlite } from "./pglite_files.ts";
import { startPGliteMaintenance } from "./pglite_maintenance.ts";
import type { ScouterSchema } from "./schema.ts";

/** Where the relational store is and how many connections it may use. */
export interface DatabaseOptions {
  /** `postgres://…` URI; without it PGlite under `dataDir` is used. */
  readonly uri?: string;
  /** The data directory; PGlite lives in its folder `pg`. */
  readonly dataDir: string;
  /** Most connections to PostgreSQL. Default 20. */
  readonly maxPoolSize?: number;
  /** Connections to keep open. Default 0. */
  readonly minPoolSize?: number;
  /** How long to wait for a free connection. Default 10 s. */
  readonly acquireTimeoutSeconds?: number;
  /** How long an unused connection is kept. Default 300 s. */
  readonly idleTimeoutSeconds?: number;
  /** How long any connection is kept. Default 1800 s. */
  readonly maxLifetimeSeconds?: number;
  /** Told about connections that broke while idle; the pool replaces them. */
  readonly onConnectionError?: (error: Error) => void;
}

/** What differs between the two stores. */
export interface DatabaseCapabilities {
  /** Several sessions at a time; without it a transaction held open blocks every other query. */
  readonly concurrentSessions: boolean;
  /** Other processes may use the same store. */
  readonly shared: boolean;
}

const logger = getLogger("db");
const MAINTENANCE_MS = 30_000;

/** An open, migrated relational store. */
export interface Database {
  readonly kind: "pglite" | "postgres";
  readonly capabilities: DatabaseCapabilities;
  readonly db: Kysely<ScouterSchema>;
  /** Migrations applied by this opening. */
  readonly migrated: readonly string[];
  /** Resolves when a query succeeds. @throws {ScouterError} UNAVAILABLE otherwise. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the store and applies missing migrations.
 *
 * @throws {ScouterError} BAD_REQUEST for an unusable URI, PRECONDITION_FAILED when the directory is in use by
 * another process, UNAVAILABLE when the server cannot be reached.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  return options.uri === undefined || options.uri === ""
    ? await openEmbedded(options.dataDir)
    : await openPostgres(options.uri, options);
}

async function openEmbedded(dataDir: string): Promise<Database> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const lock = lockDirectory(join(dataDir, "pg.lock"), `The database in ${dataDir}`);
  try {
    const pglite = await openPGlite(dataDir);
    const db = new Kysely<ScouterSchema>({ dialect: pgliteDialect(pglite) });
    const capabilities = { concurrentSessions: false, shared: false };
    const database = await finish("pglite", capabilities, db, () => lock.release());
    const stopMaintenance = startPGliteMaintenance(db, MAINTENANCE_MS, (error) => {
      logger.warn("Maintenance of the embedded database failed: {error}", { error: String(error) });
    });
    return {
      ...database,
      async close() {
        await stopMaintenance();
        await database.close();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openPostgres(uri: string, options: DatabaseOptions): Promise<Database> {
  if (!/^postgres(ql)?:\/\//.test(uri)) {
    throw new ScouterError(
      "BAD_REQUEST",
      "DATABASE_URI must start with postgres:// or postgresql://. Leave it empty to use the embedded database.",
    );
  }
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({
    connectionString: uri,
    application_name: "scouter",
    max: options.maxPoolSize ?? 20,
    min: options.minPoolSize ?? 0,
    connectionTimeoutMillis: (options.acquireTimeoutSeconds ?? 10) * 1000,
    idleTimeoutMillis: (options.idleTimeoutSeconds ?? 300) * 1000,
    maxLifetimeSeconds: options.maxLifetimeSeconds ?? 1800,
    keepAlive: true,
  });
  pool.on("error", (error) => options.onConnectionError?.(error));
  const db = new Kysely<ScouterSchema>({ dialect: new PostgresDialect({ pool }) });
  return await finish("postgres", { concurrentSessions: true, shared: true }, db, () => {});
}

async function finish(
  kind: Database["kind"],
  capabilities: DatabaseCapabilities,
  db: Kysely<ScouterSchema>,
  release: () => void,
): Promise<Database> {
  let migrated: string[];
  try {
    migrated = await migrate(db);
  } catch (cause) {
    await db.destroy();
    throw new ScouterError(
      "UNAVAILABLE",
      `The ${kind} database could not be prepared: ${text(cause)}`,
      {
        cause,
        retry: true,
        suggestedAction: kind === "postgres"
          ? "Check DATABASE_URI, that the server is up, and that the user may create the schema `scouter`."
          : "Check that the data directory is writable and the disk has room.",
      },
    );
  }
  return {
    kind,
    capabilities,
    db,
    migrated,
    async ping() {
      try {
        await sql`select 1`.execute(db);
      } catch (cause) {
        throw new ScouterError("UNAVAILABLE", `The ${kind} database does not answer.`, {
          cause,
          retry: true,
        });
      }
    },
    async close() {
      await db.destroy();
      release();
    },
  };
}

function text(cause: unknown): string {
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
