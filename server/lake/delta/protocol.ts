/**
 * What this library can read and write, and the refusal of everything else by name (Delta protocol, "Table Features",
 * "Writer Version Requirements", "Reader Version Requirements").
 *
 * @module
 */

import type { MetaDataAction, ProtocolAction } from "./actions.ts";
import { tableError } from "./errors.ts";

/** The protocol of the tables we create: every Delta reader and writer understands it. */
export const OUR_PROTOCOL: ProtocolAction = {
  minReaderVersion: 1,
  minWriterVersion: 2,
  readerFeatures: undefined,
  writerFeatures: undefined,
};

/** Reader features whose demands are met: they concern the types in data files, or VACUUM. */
const READER_FEATURES = new Set(["timestampNtz", "vacuumProtocolCheck"]);

/** Writer features that ask nothing of us beyond what every commit already respects. */
const PASSIVE_WRITER_FEATURES = new Set([
  "appendOnly",
  "domainMetadata",
  "timestampNtz",
  "vacuumProtocolCheck",
]);

/**
 * Features that are fine as long as the table does not use them: for each, what in the metadata shows that it does.
 * Legacy writer versions (3 to 6) support them without naming them.
 */
const INACTIVE_ONLY: Readonly<Record<string, (metadata: MetaDataAction) => boolean>> = {
  invariants: (metadata) => metadata.schemaString.includes('"delta.invariants"'),
  checkConstraints: (metadata) =>
    Object.keys(metadata.configuration).some((name) => name.startsWith("delta.constraints.")),
  changeDataFeed: (metadata) => isOn(metadata, "delta.enableChangeDataFeed"),
  generatedColumns: (metadata) => metadata.schemaString.includes('"delta.generationExpression"'),
  allowColumnDefaults: (metadata) => metadata.schemaString.includes('"CURRENT_DEFAULT"'),
  columnMapping: (metadata) =>
    (metadata.configuration["delta.columnMapping.mode"] ?? "none").toLowerCase() !== "none",
  identityColumns: (metadata) => metadata.schemaString.includes('"delta.identity.'),
  inCommitTimestamp: (metadata) => isOn(metadata, "delta.enableInCommitTimestamps"),
  "inCommitTimestamp-preview": (metadata) => isOn(metadata, "delta.enableInCommitTimestamps"),
};

/** Which writer version brought which feature, before features had names. */
const LEGACY_WRITER_FEATURES: readonly (readonly [number, string])[] = [
  [2, "invariants"],
  [3, "checkConstraints"],
  [4, "changeDataFeed"],
  [4, "generatedColumns"],
  [5, "columnMapping"],
  [6, "identityColumns"],
];

const isOn = (metadata: MetaDataAction, property: string): boolean =>
  metadata.configuration[property]?.toLowerCase() === "true";

/**
 * Makes sure that the table can be read correctly.
 *
 * @throws {ScouterError} NOT_IMPLEMENTED naming the version or the features that are not supported.
 */
export function checkReadable(
  protocol: ProtocolAction,
  metadata: MetaDataAction,
  table: string,
): void {
  const { minReaderVersion, minWriterVersion } = protocol;
  if (minReaderVersion < 1 || minReaderVersion > 3) {
    throw tableError(
      "NOT_IMPLEMENTED",
      table,
      `reading needs Delta reader version ${minReaderVersion}; versions 1 to 3 are supported: use a newer release`,
    );
  }
  if (minReaderVersion === 3 && (minWriterVersion !== 7 || protocol.readerFeatures === undefined)) {
    throw tableError(
      "INTERNAL_ERROR",
      table,
      `the protocol action is invalid: reader version 3 needs writer version 7 and a list of readerFeatures`,
    );
  }
  const used = new Set<string>();
  if (minReaderVersion === 3) {
    for (const feature of protocol.readerFeatures ?? []) {
      if (feature === "columnMapping") {
        if (INACTIVE_ONLY[feature]?.(metadata)) used.add(feature);
      } else if (!READER_FEATURES.has(feature)) used.add(feature);
    }
  } else if (minReaderVersion === 2 && INACTIVE_ONLY["columnMapping"]?.(metadata)) {
    used.add("columnMapping");
  }
  if (used.size > 0) refuseFeatures("reading", used, table);
  if (metadata.format.provider !== "parquet") {
    throw tableError(
      "NOT_IMPLEMENTED",
      table,
      `its data files are in format "${metadata.format.provider}"; only parquet is supported`,
    );
  }
}

/**
 * Makes sure that the table can be written without breaking a promise it makes to its readers.
 *
 * @throws {ScouterError} NOT_IMPLEMENTED naming the version or the features that are not supported.
 */
export function checkWritable(
  protocol: ProtocolAction,
  metadata: MetaDataAction,
  table: string,
): void {
  checkReadable(protocol, metadata, table);
  const { minWriterVersion } = protocol;
  if (minWriterVersion < 1 || minWriterVersion > 7) {
    throw tableError(
      "NOT_IMPLEMENTED",
      table,
      `writing needs Delta writer version ${minWriterVersion}; versions 1 to 7 are supported: use a newer release`,
    );
  }
  const supported = minWriterVersion === 7
    ? protocol.writerFeatures ?? []
    : LEGACY_WRITER_FEATURES.filter(([from]) => minWriterVersion >= from).map(([, feature]) =>
      feature
    );
  const used = new Set(
    supported.filter((feature) => {
      const isActive = INACTIVE_ONLY[feature];
      return isActive === undefined ? !PASSIVE_WRITER_FEATURES.has(feature) : isActive(metadata);
    }),
  );
  if (used.size > 0) refuseFeatures("writing", used, table);
}

function refuseFeatures(action: string, features: ReadonlySet<string>, table: string): never {
  const names = [...features].sort().join(", ");
  throw tableError(
    "NOT_IMPLEMENTED",
    table,
    `${action} needs the Delta table feature${
      features.size > 1 ? "s" : ""
    } ${names}, not supported here: drop ` +
      `${features.size > 1 ? "them" : "it"} (ALTER TABLE … DROP FEATURE) or use another table`,
  );
}
