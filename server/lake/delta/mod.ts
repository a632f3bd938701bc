/**
 * Delta Lake tables on an object store: the transaction log of the published Delta protocol, for readers and writers
 * that bring their own Parquet. Knows nothing of what the tables hold.
 *
 * @module
 */

export type { Action } from "./actions.ts";
export type { ReadScope } from "./conflict.ts";
export { addFile, DataFile, type NewFile, type PartitionValues, removeFile } from "./data_file.ts";
export { CommitConflictError } from "./errors.ts";
export { partitionFolder } from "./paths.ts";
export type { ColumnDefinition, DeltaType } from "./schema.ts";
export type { Snapshot } from "./snapshot.ts";
export type { FileStats, StatValue } from "./stats.ts";
export { type CommitOptions, type CommitResult, DeltaTable, type TableOptions } from "./table.ts";
export type { TableDefinition } from "./table_definition.ts";
export type { MaintenanceStep } from "./upkeep.ts";
export type { VacuumOptions, VacuumResult } from "./vacuum.ts";
