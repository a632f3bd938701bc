/**
 * Writes what spans carry for the relational store.
 *
 * @module
 */

import type { Kysely } from "kysely";
import type { SideRows, SideRowSink, TraceEntityRow } from "../lake/traces/contract.ts";
import type { Counter } from "../telemetry/contract.ts";
import type { ScouterSchema } from "./schema.ts";
import { TagRepository } from "./tags.ts";
import { TraceBaggageRepository } from "./trace_baggage.ts";
import { TraceEntityRepository } from "./trace_entities.ts";

const UUID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/**
 * The sink of side rows. Each kind is one idempotent statement per thousand rows; a call that failed half way is
 * simply repeated. A row no retry could ever store is counted and left out, so that it cannot block its neighbours.
 *
 * @param refused Counts rows that cannot be stored, by `kind`.
 */
export function sideRowSink(db: Kysely<ScouterSchema>, refused: Counter): SideRowSink {
  const tags = new TagRepository(db);
  const baggage = new TraceBaggageRepository(db);
  const entities = new TraceEntityRepository(db);
  const isUuid = (row: TraceEntityRow) => UUID.test(row.entityUid);
  return {
    async write(side: SideRows): Promise<void> {
      if (side.tags.length > 0) await tags.upsert(side.tags);
      if (side.baggage.length > 0) await baggage.insert(side.baggage);
      if (side.entities.length > 0) {
        const sound = side.entities.filter(isUuid);
        if (sound.length < side.entities.length) {
          refused.add(side.entities.length - sound.length, { kind: "trace_entity" });
        }
        await entities.insert(sound);
      }
    },
  };
}
