/**
 * A connection to a broker that is made when it is needed and thrown away when it failed.
 *
 * @module
 */

import { OutOfTime, withinTime } from "./time_limit.ts";
import { TransportError } from "./transport.ts";

/** Time for ending a connection in order. */
const FAREWELL_MS = 1_000;

/** Causes of causes that an error's message tells. */
const MAX_CAUSES = 4;

/** How one kind of connection is made and ended. */
export interface Link<T> {
  /** Names the other side in errors, for example `Redis at localhost:6379`; without credentials. */
  readonly what: string;
  /** Longest time in milliseconds for connecting, and again for each message. */
  readonly timeoutMs: number;
  /** Connects. */
  open(): Promise<T>;
  /**
   * Ends a connection.
   *
   * @param broken whether it failed before, so that saying good-bye would only wait for nobody
   */
  close(connection: T, broken: boolean): Promise<void>;
}

/**
 * Holds one connection for all senders. A connection on which anything failed is not used again: clients keep queues and
 * sequence numbers of their own, and what state they are in after a failure is not worth relying on.
 */
export class Reconnecting<T> {
  readonly #link: Link<T>;
  #connection: Promise<T> | null = null;
  #closed = false;

  constructor(link: Link<T>) {
    this.#link = link;
  }

  /** Makes sure there is a connection. @throws {TransportError} */
  async ensure(signal: AbortSignal): Promise<void> {
    await this.#get(signal);
  }

  /**
   * Works with the connection.
   *
   * @throws {TransportError} what the work throws as such, and everything else as one that may be tried again
   */
  async use<R>(signal: AbortSignal, work: (connection: T) => Promise<R>): Promise<R> {
    const { what, timeoutMs } = this.#link;
    const connecting = await this.#get(signal);
    try {
      return await withinTime(what, timeoutMs, signal, () => work(connecting.connection));
    } catch (cause) {
      // What the work itself says of a message, such as that it is too large: the connection is not to blame.
      if (cause instanceof TransportError && !(cause instanceof OutOfTime)) throw cause;
      this.#discard(connecting.promise);
      throw this.#translated(cause, signal);
    }
  }

  /** Ends the connection; there will be no other. */
  async close(): Promise<void> {
    this.#closed = true;
    const promise = this.#connection;
    this.#connection = null;
    if (promise === null) return;
    const { what } = this.#link;
    const gently = async () => await this.#link.close(await promise, false);
    try {
      await withinTime(what, FAREWELL_MS, new AbortController().signal, gently);
    } catch {
      // A peer that is away hears no good-bye; what is left here is let go.
      promise.then((connection) => this.#link.close(connection, true)).catch(() => {});
    }
  }

  async #get(signal: AbortSignal): Promise<{ promise: Promise<T>; connection: T }> {
    if (this.#closed) throw new TransportError(`${this.#link.what}: closed`, { retry: false });
    const promise = this.#connection ??= this.#link.open();
    const { what, timeoutMs } = this.#link;
    try {
      return {
        promise,
        connection: await withinTime(`${what}: connecting`, timeoutMs, signal, () => promise),
      };
    } catch (cause) {
      this.#discard(promise);
      throw this.#translated(cause, signal);
    }
  }

  #discard(promise: Promise<T>): void {
    if (this.#connection !== promise) return;
    this.#connection = null;
    // In the background: a peer that is away may take its time, and the next attempt must not wait for it.
    promise.then((connection) => this.#link.close(connection, true)).catch(() => {});
  }

  #translated(cause: unknown, signal: AbortSignal): unknown {
    if (signal.aborted || cause instanceof TransportError) return cause;
    return new TransportError(`${this.#link.what}: ${reasonOf(cause)}`, { cause });
  }
}

/** What an error says, with what is behind it: clients that try several times say only how often. */
function reasonOf(error: unknown, depth = 0): string {
  if (!(error instanceof Error)) return String(error);
  const inner: unknown = error instanceof AggregateError ? error.errors.at(-1) : error.cause;
  if (!(inner instanceof Error) || depth >= MAX_CAUSES) return error.message;
  return `${error.message} ${reasonOf(inner, depth + 1)}`.trim();
}
