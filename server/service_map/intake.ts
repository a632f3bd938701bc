/**
 * What both doors do with the rows of existing clients: check name and fingerprint, decode, store, count.
 *
 * @module
 */

import { ScouterError } from "../errors.ts";
import { toScouterError } from "../http/errors.ts";
import type { Principal } from "../http/context.ts";
import type { IngestHealth, IngestSource } from "../telemetry/ingest_health.ts";
import {
  checkConnectionFingerprint,
  CONNECTIONS,
  CONNECTIONS_FQN,
  registerConnectionSchema,
} from "./connection_columns.ts";
import type { ConnectionStore } from "./connection_store.ts";

/** A dataset's name. */
export interface DatasetName {
  readonly catalog: string;
  readonly schemaName: string;
  readonly table: string;
}

/** Takes rows of `scouter.service_map.connections`. */
export class ConnectionIntake {
  readonly #store: Pick<ConnectionStore, "insert">;
  readonly #health: IngestHealth;

  constructor(store: Pick<ConnectionStore, "insert">, health: IngestHealth) {
    this.#store = store;
    this.#health = health;
  }

  /** Checks a schema. @returns Its fingerprint. @throws {ScouterError} as the checks do. */
  async register(
    name: DatasetName,
    jsonSchema: string,
  ): Promise<{ readonly status: "already_exists"; readonly fingerprint: string }> {
    checkName(name);
    return { status: "already_exists", fingerprint: await registerConnectionSchema(jsonSchema) };
  }

  /**
   * Stores rows. Resolves when they are on disk.
   *
   * @returns How many there were.
   * @throws {ScouterError} NOT_FOUND for another dataset, PRECONDITION_FAILED for another schema, BAD_REQUEST for
   * unusable rows, and as {@linkcode ConnectionStore.insert} does.
   */
  async insert(
    source: IngestSource,
    principal: Principal,
    name: DatasetName,
    fingerprint: string,
    ipc: Uint8Array,
  ): Promise<number> {
    const attempt = this.#health.begin(source);
    attempt.from(principal);
    attempt.received(ipc.length);
    try {
      checkName(name);
      await checkConnectionFingerprint(fingerprint);
      // Reading Arrow is loaded by the first who sends it.
      const { decodeConnections } = await import("./connection_rows.ts");
      const rows = decodeConnections(ipc);
      await this.#store.insert(rows);
      attempt.stored({
        accepted: rows.count,
        deduplicated: 0,
        rejected: 0,
        rejectedMessage: "",
      });
      return rows.count;
    } catch (error) {
      attempt.refused(toScouterError(error));
      throw error;
    }
  }
}

function checkName({ catalog, schemaName, table }: DatasetName): void {
  if (
    catalog === CONNECTIONS.catalog && schemaName === CONNECTIONS.schema &&
    table === CONNECTIONS.table
  ) return;
  const fqn = [catalog, schemaName, table].map((part) => part.slice(0, 100)).join(".");
  throw new ScouterError("NOT_FOUND", `Table not found: ${fqn}`, {
    suggestedAction: `This server takes rows of ${CONNECTIONS_FQN} only.`,
  });
}
