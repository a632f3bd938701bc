/**
 * Table properties that this library honours (`configuration` of the metaData action).
 *
 * @module
 */

import type { MetaDataAction } from "./actions.ts";
import { tableError } from "./errors.ts";

const DAY_MS = 86_400_000;

/** The properties, with the defaults of the reference implementation. */
export interface TableProperties {
  /** A checkpoint is written every so many versions. */
  readonly checkpointInterval: number;
  /** How long commit files are kept once a checkpoint covers them. */
  readonly logRetentionMs: number;
  /** How long removed files stay on disk for readers of older versions. */
  readonly deletedFileRetentionMs: number;
  readonly enableExpiredLogCleanup: boolean;
  readonly appendOnly: boolean;
  readonly writeStatsAsJson: boolean;
  readonly writeStatsAsStruct: boolean;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  millisecond: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: DAY_MS,
  week: 7 * DAY_MS,
};

/**
 * Parses an interval such as `interval 30 days` or `interval 1 week 2 hours`.
 *
 * @returns Milliseconds, or undefined when it is none.
 */
export function parseInterval(text: string): number | undefined {
  const words = text.trim().toLowerCase().replace(/^interval\s+/, "").split(/\s+/);
  if (words.length === 0 || words.length % 2 !== 0) return undefined;
  let totalMs = 0;
  for (let i = 0; i < words.length; i += 2) {
    const amount = words[i] ?? "";
    const unitMs = UNIT_MS[(words[i + 1] ?? "").replace(/s$/, "")];
    if (!/^\d+$/.test(amount) || unitMs === undefined) return undefined;
    totalMs += Number(amount) * unitMs;
  }
  return totalMs;
}

/**
 * Reads the properties of a table.
 *
 * @throws {ScouterError} PRECONDITION_FAILED naming a property whose value cannot be understood.
 */
export function readProperties(metadata: MetaDataAction, table: string): TableProperties {
  const refuse = (name: string, expected: string): never => {
    throw tableError(
      "PRECONDITION_FAILED",
      table,
      `the table property ${name} is "${
        metadata.configuration[name]
      }", expected ${expected}: correct it with ` +
        `ALTER TABLE … SET TBLPROPERTIES`,
    );
  };
  const flag = (name: string, fallback: boolean): boolean => {
    const value = metadata.configuration[name]?.toLowerCase();
    if (value === undefined) return fallback;
    return value === "true" || (value === "false" ? false : refuse(name, "true or false"));
  };
  const interval = (name: string, fallbackMs: number): number => {
    const value = metadata.configuration[name];
    if (value === undefined) return fallbackMs;
    return parseInterval(value) ?? refuse(name, 'an interval such as "interval 30 days"');
  };
  const positive = (name: string, fallback: number): number => {
    const value = metadata.configuration[name];
    if (value === undefined) return fallback;
    return /^[1-9]\d{0,8}$/.test(value) ? Number(value) : refuse(name, "a whole number from 1");
  };
  return {
    checkpointInterval: positive("delta.checkpointInterval", 10),
    logRetentionMs: interval("delta.logRetentionDuration", 30 * DAY_MS),
    deletedFileRetentionMs: interval("delta.deletedFileRetentionDuration", 7 * DAY_MS),
    enableExpiredLogCleanup: flag("delta.enableExpiredLogCleanup", true),
    appendOnly: flag("delta.appendOnly", false),
    writeStatsAsJson: flag("delta.checkpoint.writeStatsAsJson", true),
    writeStatsAsStruct: flag("delta.checkpoint.writeStatsAsStruct", false),
  };
}
