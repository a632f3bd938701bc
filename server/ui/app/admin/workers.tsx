/**
 * Background loops.
 *
 * @module
 */

import { formatDuration, formatWhole } from "../format.ts";
import { useLoad } from "../loading.ts";
import { useLiveTick } from "../shell/live.tsx";
import { visibleText } from "../text.ts";
import { admin } from "./api.ts";
import { Ago, Shown } from "./parts.tsx";

const STATES: Readonly<Record<string, readonly [sign: string, tone: string]>> = {
  running: ["▶", "ok"],
  waiting: ["✓", "ok"],
  restarting: ["↻", "warn"],
  stopped: ["■", "bad"],
};

/** The part at `/admin/workers`. */
export function WorkersSection({ params }: { readonly params: URLSearchParams }) {
  const tick = useLiveTick(params);
  const workers = useLoad(String(tick), (signal) => admin.getWorkers({}, { signal }));
  return (
    <Shown loaded={workers}>
      {(data) => (
        <section class="box" aria-labelledby="workers">
          <h2 id="workers">Background work</h2>
          {data.workers.length === 0
            ? <p class="muted">Nothing runs in the background.</p>
            : (
              <table class="data-table">
                <thead>
                  <tr>
                    <th scope="col">Name</th>
                    <th scope="col">State</th>
                    <th scope="col">Last run</th>
                    <th scope="col" class="number">Took</th>
                    <th scope="col">Next run</th>
                    <th scope="col" class="number">Every</th>
                    <th scope="col" class="number">Runs</th>
                    <th scope="col" class="number">Restarts</th>
                    <th scope="col">Last error</th>
                  </tr>
                </thead>
                <tbody>
                  {data.workers.map((worker) => {
                    const [sign, tone] = STATES[worker.state] ?? ["?", ""];
                    return (
                      <tr key={worker.name}>
                        <th scope="row" class="name">{visibleText(worker.name, 80)}</th>
                        <td class={tone} data-label="State">{sign} {worker.state}</td>
                        <td data-label="Last run">
                          <Ago timeUs={worker.lastRunUs} none="not yet" />
                        </td>
                        <td class="number" data-label="Took">
                          {worker.lastRunMs === undefined
                            ? "–"
                            : formatDuration(worker.lastRunMs * 1000)}
                        </td>
                        <td data-label="Next run">
                          <Ago timeUs={worker.nextRunUs} none="–" />
                        </td>
                        <td class="number" data-label="Every">
                          {worker.intervalMs === undefined
                            ? "–"
                            : formatDuration(Number(worker.intervalMs) * 1000)}
                        </td>
                        <td class="number" data-label="Runs">{formatWhole(Number(worker.runs))}</td>
                        <td
                          class={`number${worker.restarts > 0n ? " warn" : ""}`}
                          data-label="Restarts"
                        >
                          {formatWhole(Number(worker.restarts))}
                        </td>
                        <td class="wide" data-label="Last error">
                          {worker.lastError === undefined ? <span class="muted">none</span> : (
                            <>
                              <span class="bad">{visibleText(worker.lastError, 400)}</span>,{" "}
                              <Ago timeUs={worker.lastErrorUs} />
                            </>
                          )}
                        </td>
                      </tr>
                    );
                  })}
                </tbody>
              </table>
            )}
        </section>
      )}
    </Shown>
  );
}
