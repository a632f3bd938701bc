/**
 * The command `migrate`.
 *
 * @module
 */

import type { Settings } from "./config.ts";
import { openDatabase } from "./db/database.ts";
import { databaseOptions } from "./storage.ts";

/** Brings the relational store up to date. @returns The exit code. */
export async function migrateCommand(settings: Settings): Promise<number> {
  const database = await openDatabase(databaseOptions(settings));
  await database.close();
  const { migrated } = database;
  console.log(
    migrated.length === 0 ? "The schema is up to date." : `Applied: ${migrated.join(", ")}.`,
  );
  return 0;
}
