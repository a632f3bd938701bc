/**
 * Files to be removed before anything else is written.
 *
 * @module
 */

import { removeFileIfPresent } from "./durable_file.ts";

/** Files of failed commits that could not be removed yet. They must go before rows are written again. */
export class Leftovers {
  readonly #paths: string[] = [];

  add(paths: readonly string[]): void {
    this.#paths.push(...paths);
  }

  /** Removes them. Throws when the disk refuses; the rest is tried again at the next call. */
  async remove(): Promise<void> {
    for (let path = this.#paths[0]; path !== undefined; path = this.#paths[0]) {
      await removeFileIfPresent(path);
      this.#paths.shift();
    }
  }
}
