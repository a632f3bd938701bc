/**
 * Snapshots: the state of a table at one version, and how a commit changes it (Delta protocol, "Action
 * Reconciliation"). Pure.
 *
 * @module
 */

import type {
  CommitContent,
  DomainMetadataAction,
  MetaDataAction,
  ProtocolAction,
  RemoveAction,
  TxnAction,
} from "./actions.ts";
import { DataFile } from "./data_file.ts";
import { damagedLog } from "./errors.ts";
import { decodePath } from "./paths.ts";

/** The immutable state of a table at one version. */
export interface Snapshot {
  readonly version: number;
  readonly protocol: ProtocolAction;
  readonly metadata: MetaDataAction;
  /** Data files of the table by key relative to the table. */
  readonly files: ReadonlyMap<string, DataFile>;
  /** Removed files that readers of older snapshots may still need, by key. */
  readonly tombstones: ReadonlyMap<string, RemoveAction>;
  /** How far each application has got: version by application id. */
  readonly txns: ReadonlyMap<string, number>;
  /** The latest `txn` action of each application. */
  readonly txnActions: ReadonlyMap<string, TxnAction>;
  /** Domain metadata by domain. */
  readonly domains: ReadonlyMap<string, DomainMetadataAction>;
}

/** Applies commits to a base and makes one new snapshot; the base is left alone. */
export class SnapshotBuilder {
  readonly #table: string;
  #version: number;
  #protocol: ProtocolAction | undefined;
  #metadata: MetaDataAction | undefined;
  readonly #files: Map<string, DataFile>;
  readonly #tombstones: Map<string, RemoveAction>;
  readonly #txns: Map<string, TxnAction>;
  readonly #domains: Map<string, DomainMetadataAction>;

  /**
   * @param table Address of the table, for errors.
   * @param base Snapshot to start from; absent to start before version 0.
   */
  constructor(table: string, base?: Snapshot) {
    this.#table = table;
    this.#version = base?.version ?? -1;
    this.#protocol = base?.protocol;
    this.#metadata = base?.metadata;
    this.#files = new Map(base?.files);
    this.#tombstones = new Map(base?.tombstones);
    this.#txns = new Map(base?.txnActions);
    this.#domains = new Map(base?.domains);
  }

  /**
   * Applies one commit, or the whole content of a checkpoint as if it were one. Adds win over removes of the same path
   * in the same commit, because removes only ever concern what was there before.
   */
  apply(version: number, content: CommitContent): this {
    this.#version = version;
    if (content.protocol !== undefined) this.#protocol = content.protocol;
    if (content.metaData !== undefined) this.#metadata = content.metaData;
    for (const remove of content.removes) {
      const key = decodePath(remove.path, this.#table);
      this.#files.delete(key);
      this.#tombstones.set(key, remove);
    }
    for (const add of content.adds) {
      const file = new DataFile(add, this.#table);
      this.#tombstones.delete(file.key);
      this.#files.set(file.key, file);
    }
    for (const txn of content.txns) this.#txns.set(txn.appId, txn);
    for (const domain of content.domains) {
      if (domain.removed) this.#domains.delete(domain.domain);
      else this.#domains.set(domain.domain, domain);
    }
    return this;
  }

  /** Forgets tombstones that the predicate does not want. */
  keepTombstones(wanted: (remove: RemoveAction) => boolean): this {
    for (const [key, remove] of this.#tombstones) {
      if (!wanted(remove)) this.#tombstones.delete(key);
    }
    return this;
  }

  /** @throws {ScouterError} INTERNAL_ERROR when no protocol or metadata has been seen. */
  build(): Snapshot {
    if (this.#protocol === undefined || this.#metadata === undefined) {
      const missing = this.#protocol === undefined ? "protocol" : "metaData";
      throw damagedLog(this.#table, this.#version, `no ${missing} action up to here`);
    }
    return {
      version: this.#version,
      protocol: this.#protocol,
      metadata: this.#metadata,
      files: this.#files,
      tombstones: this.#tombstones,
      txns: new Map([...this.#txns].map(([appId, txn]) => [appId, txn.version])),
      txnActions: this.#txns,
      domains: this.#domains,
    };
  }
}
