/**
 * The actions of the Delta transaction log, as they stand in commit files (Delta protocol, "Actions"), and their
 * parsing. What a commit says is checked here once and trusted afterwards.
 *
 * @module
 */

import { z } from "zod";

/** A whole number that JavaScript holds exactly. Longs beyond 2^53 are refused rather than rounded. */
const long = z.int();
const stringMap = z.record(z.string(), z.string().nullable());
const optionalMap = stringMap.nullish().transform((map) => map ?? undefined);
const optionalLong = long.nullish().transform((value) => value ?? undefined);
const optionalString = z.string().nullish().transform((value) => value ?? undefined);
const optionalNames = z.array(z.string()).nullish().transform((names) => names ?? undefined);

/** A deletion vector; only its presence matters here, because it is refused by name. */
const deletionVector = z.looseObject({}).nullish().transform((value) => value ?? undefined);

export const addSchema = z.object({
  path: z.string().min(1),
  partitionValues: stringMap,
  size: long.nonnegative(),
  modificationTime: long,
  dataChange: z.boolean(),
  stats: optionalString,
  tags: optionalMap,
  deletionVector,
});

export const removeSchema = z.object({
  path: z.string().min(1),
  deletionTimestamp: optionalLong,
  dataChange: z.boolean(),
  extendedFileMetadata: z.boolean().nullish().transform((value) => value ?? undefined),
  partitionValues: optionalMap,
  size: optionalLong,
  tags: optionalMap,
  deletionVector,
});

export const metaDataSchema = z.object({
  id: z.string(),
  name: optionalString,
  description: optionalString,
  format: z.object({
    provider: z.string(),
    options: z.record(z.string(), z.string()).nullish().transform((options) => options ?? {}),
  }),
  schemaString: z.string(),
  partitionColumns: z.array(z.string()),
  createdTime: optionalLong,
  configuration: z.record(z.string(), z.string()).nullish().transform((values) => values ?? {}),
});

export const protocolSchema = z.object({
  minReaderVersion: z.int(),
  minWriterVersion: z.int(),
  readerFeatures: optionalNames,
  writerFeatures: optionalNames,
});

export const txnSchema = z.object({
  appId: z.string(),
  version: long,
  lastUpdated: optionalLong,
});

export const domainMetadataSchema = z.object({
  domain: z.string(),
  configuration: z.string(),
  removed: z.boolean(),
});

/** Provenance; any JSON is allowed in it, so only what we use ourselves is read. */
export const commitInfoSchema = z.looseObject({});

/** A data file that becomes part of the table. `path` is a percent-encoded URI relative to the table. */
export type AddAction = z.output<typeof addSchema>;
/** A data file that leaves the table. */
export type RemoveAction = z.output<typeof removeSchema>;
/** The table's identity, schema, partitioning and properties. */
export type MetaDataAction = z.output<typeof metaDataSchema>;
/** What a client must understand to read and to write the table. */
export type ProtocolAction = z.output<typeof protocolSchema>;
/** How far an application has got; makes its commits idempotent. */
export type TxnAction = z.output<typeof txnSchema>;
/** Configuration kept for a feature or application under a name. */
export type DomainMetadataAction = z.output<typeof domainMetadataSchema>;
/** Provenance of a commit. */
export type CommitInfo = z.output<typeof commitInfoSchema>;

/** One action, in the shape of its line in the log. */
export type Action =
  | { readonly add: AddInput }
  | { readonly remove: RemoveInput }
  | { readonly metaData: MetaDataAction }
  | { readonly protocol: ProtocolAction }
  | { readonly txn: TxnInput }
  | { readonly domainMetadata: DomainMetadataAction };

/** The fields of an `add` to commit; optional ones may be left out. */
export type AddInput = z.input<typeof addSchema>;
/** The fields of a `remove` to commit; optional ones may be left out. */
export type RemoveInput = z.input<typeof removeSchema>;
/** The fields of a `txn` to commit; optional ones may be left out. */
export type TxnInput = z.input<typeof txnSchema>;

/** Everything one commit says, sorted by kind. */
export interface CommitContent {
  readonly adds: readonly AddAction[];
  readonly removes: readonly RemoveAction[];
  readonly metaData: MetaDataAction | undefined;
  readonly protocol: ProtocolAction | undefined;
  readonly txns: readonly TxnAction[];
  readonly domains: readonly DomainMetadataAction[];
  readonly commitInfo: CommitInfo | undefined;
}
