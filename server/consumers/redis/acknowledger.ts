/**
 * Gathers acknowledgements, so that many messages stored together cost one round trip.
 *
 * @module
 */

/** See the module. */
export class Acknowledger {
  readonly #send: (ids: readonly string[]) => Promise<void>;
  readonly #failed: (error: unknown) => void;
  #ids: string[] = [];
  #sending: Promise<void> | null = null;

  /** @param failed Told when acknowledgements could not be sent; their entries come again. */
  constructor(
    send: (ids: readonly string[]) => Promise<void>,
    failed: (error: unknown) => void,
  ) {
    this.#send = send;
    this.#failed = failed;
  }

  /** Resolves when the entry's acknowledgement was sent, or could not be. */
  add(id: string): Promise<void> {
    this.#ids.push(id);
    return this.#sending ??= this.#run();
  }

  async #run(): Promise<void> {
    try {
      // One turn later, with all that ended in this one.
      await Promise.resolve();
      while (this.#ids.length > 0) {
        const ids = this.#ids;
        this.#ids = [];
        await this.#send(ids);
      }
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#sending = null;
    }
  }
}
