import type { CliIo } from "./io.ts";

/** Shows how far a long piece of work is. */
export interface Progress {
  /** Shows a state. */
  update(done: number, total: number): void;
  /** Ends the display. */
  end(): void;
}

const WIDTH = 30;

/**
 * A bar on a terminal; a line per tenth of the work elsewhere, as logs of CI jobs want it.
 *
 * @param io where to write
 * @param label what is being done
 * @returns the display
 * @example
 * ```ts
 * import { processIo } from "./process_io.ts";
 * import { progress } from "./progress.ts";
 *
 * const bar = progress(processIo(), "evaluating");
 * bar.update(1, 2);
 * bar.end();
 * ```
 */
export function progress(io: CliIo, label: string): Progress {
  let shown = -1;
  return {
    update(done, total) {
      const steps = io.isTty ? 100 : 10;
      const step = total === 0 ? steps : Math.floor((done / total) * steps);
      if (step === shown) return;
      shown = step;
      if (!io.isTty) {
        io.stderr(`${label}: ${done}/${total}\n`);
        return;
      }
      const filled = Math.round((step / steps) * WIDTH);
      const bar = "█".repeat(filled) + "░".repeat(WIDTH - filled);
      io.stderr(`\r${label} ${bar} ${done}/${total}`);
    },
    end() {
      if (io.isTty && shown >= 0) io.stderr("\n");
    },
  };
}
