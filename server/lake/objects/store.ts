/**
 * The one interface through which the lake touches storage: small enough that a local folder, S3, Google Cloud Storage
 * and Azure Blob Storage can all honour every word of it.
 *
 * @module
 */

/** What a store knows about an object without reading it. */
export interface ObjectInfo {
  /** Full key, `/`-separated, relative to the store. */
  readonly key: string;
  readonly sizeBytes: number;
  /** Last modification, milliseconds since the epoch, by the store's clock. */
  readonly modifiedMs: number;
}

/**
 * Named byte strings. Objects appear whole or not at all, and once a write has resolved it is durable and seen by every
 * later read and list. Keys are UTF-8, `/`-separated, without empty, `.` or `..` segments.
 *
 * Every method throws `ScouterError`: BAD_REQUEST for a malformed key, UNAVAILABLE (retry) when the store cannot be
 * reached or has no room.
 */
export interface ObjectStore {
  /** The store's address, for messages: a `file://`, `s3://`, `gs://` or `az://` URI without secrets. */
  readonly uri: string;
  /** The whole object, or null when there is none. */
  get(key: string): Promise<Uint8Array | null>;
  /** Bytes [start, end), cut at the object's end; null when there is no object. */
  getRange(key: string, start: number, end: number): Promise<Uint8Array | null>;
  /** Size and age, or null when there is no object. */
  head(key: string): Promise<ObjectInfo | null>;
  /** Writes or replaces an object. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /**
   * Writes an object only when there is none under this key. Of any number of concurrent callers exactly one gets true.
   * When it throws, the outcome is unknown: the caller must read the key back. A false answer after the store retried
   * on its own may also be the caller's own object, so callers that care make their content recognisable.
   */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean>;
  /** Moves a finished local file into the store under a key, replacing what was there. The source is gone afterwards. */
  putFile(key: string, sourcePath: string): Promise<void>;
  /**
   * The objects whose key starts with `prefix` (any string, not only a folder), in ascending order of the keys' UTF-8
   * bytes, only those after `startAfter` when it is given.
   */
  list(prefix: string, startAfter?: string): AsyncIterable<ObjectInfo>;
  /** Removes an object; removing what is not there succeeds. */
  delete(key: string): Promise<void>;
}
