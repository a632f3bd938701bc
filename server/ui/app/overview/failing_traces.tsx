/**
 * The newest traces that failed.
 *
 * @module
 */

import { int64, traces } from "../api.ts";
import { exactTime, formatDuration, formatTime } from "../format.ts";
import { Link } from "../link.tsx";
import { useLoad } from "../loading.ts";
import { hueClass } from "../service_color.ts";
import { useSetting } from "../settings.ts";
import { sharedParams } from "../shared_params.ts";
import { visibleText } from "../text.ts";
import { FAILED_STEP } from "../trace/failed_step.ts";
import type { PartProps } from "./comparison.ts";
import { Panel } from "./panel.tsx";

const SHOWN = 7;

/** The panel. */
export function FailingTraces({ params, window, loadKey }: PartProps) {
  const utc = useSetting("zone") === "utc";
  const loaded = useLoad(loadKey, (signal) =>
    traces.listTraces({
      filter: {
        startTimeUs: int64(window.startUs),
        endTimeUs: int64(window.endUs),
        hasErrors: true,
      },
      limit: SHOWN,
    }, { signal }));
  return (
    <Panel
      id="failing"
      title="Newest failing traces"
      loaded={loaded}
      more={<Link path="/traces" params={sharedParams(params, { q: "status:error" })}>all</Link>}
    >
      {(list) =>
        list.traces.length === 0
          ? (
            <p>
              <span class="ok" aria-hidden="true">✓</span> No trace failed in this time range.
            </p>
          )
          : (
            <ul class="failing">
              {list.traces.map((trace) => {
                const startUs = Number(trace.startTimeUs);
                return (
                  <li key={trace.traceId}>
                    <time dateTime={exactTime(startUs)} title={exactTime(startUs)} class="muted">
                      {formatTime(startUs, utc).slice(0, -4)}
                    </time>
                    <span class="failing-what">
                      <Link
                        path={`/traces/${trace.traceId}`}
                        params={sharedParams(params, { span: FAILED_STEP })}
                      >
                        <bdi>{visibleText(trace.rootOperation, 80) || "(no name)"}</bdi>
                      </Link>
                      <span class="failing-message">
                        <span class={`dot ${hueClass(trace.serviceName)}`} aria-hidden="true" />
                        <bdi>{visibleText(trace.serviceName, 60)}</bdi>
                        {trace.statusMessage !== undefined && trace.statusMessage !== "" && (
                          <span class="bad">
                            ✕ <bdi>{visibleText(trace.statusMessage, 160)}</bdi>
                          </span>
                        )}
                      </span>
                    </span>
                    <span class="number muted">
                      {formatDuration(Number(trace.endTimeUs - trace.startTimeUs))}
                    </span>
                  </li>
                );
              })}
            </ul>
          )}
    </Panel>
  );
}
