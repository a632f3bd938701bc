/**
 * What changed against the time before: new kinds of error, errors that grew, services that came or fell silent.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import type { ErrorKind } from "../../../../sdk/gen/scouter/v1/trace_pb.ts";
import { int64, traces } from "../api.ts";
import { exactTime, formatAgo, formatWhole } from "../format.ts";
import { Link } from "../link.tsx";
import { useLoad } from "../loading.ts";
import { termOf } from "../search_text.ts";
import { sharedParams } from "../shared_params.ts";
import { visibleText } from "../text.ts";
import type { TimeWindow } from "../time_range.ts";
import { FAILED_STEP } from "../trace/failed_step.ts";
import { beforeOf, beforeText, type PartProps } from "./comparison.ts";
import { Panel } from "./panel.tsx";

const MOST_ERRORS = 6;
const MOST_SERVICES = 4;
/** A kind of error that at least doubled, and is no longer rare. */
const grew = ({ count, previousCount }: ErrorKind) =>
  previousCount > 0n && count >= 5n && count >= 2n * previousCount;

/** The panel. */
export function Changes({ params, window, loadKey }: PartProps) {
  const before = beforeText(params);
  const loaded = useLoad(loadKey, async (signal) => {
    const times = ({ startUs, endUs }: TimeWindow) => ({
      startTimeUs: int64(startUs),
      endTimeUs: int64(endUs),
    });
    const services = async (part: TimeWindow) =>
      (await traces.listServices({ ...times(part), buckets: 1 }, { signal })).services
        .map(({ name }) => name);
    const [errors, now, then] = await Promise.all([
      traces.listErrorKinds({ ...times(window), limit: 50 }, { signal }),
      services(window),
      services(beforeOf(window)),
    ]);
    return {
      comparable: errors.previousSpanCount > 0n,
      fresh: errors.kinds.filter(({ previousCount }) => previousCount === 0n),
      grown: errors.kinds.filter(grew),
      came: now.filter((name) => !then.includes(name)),
      silent: then.filter((name) => !now.includes(name)),
    };
  });
  return (
    <Panel id="changes" title="What changed" loaded={loaded}>
      {({ comparable, fresh, grown, came, silent }) => {
        if (!comparable) {
          return (
            <>
              <p class="muted">
                Nothing was stored in {before}, so there is nothing to compare with
                {fresh.length > 0 ? "; these fail now:" : "."}
              </p>
              <ErrorList kinds={fresh} mark="✕" params={params} />
            </>
          );
        }
        const quiet = fresh.length + grown.length + came.length + silent.length === 0;
        if (quiet) {
          return (
            <p>
              <span class="ok" aria-hidden="true">✓</span>{" "}
              No new kind of error, no new service, none fell silent against {before}.
            </p>
          );
        }
        return (
          <>
            <ErrorList kinds={fresh} mark="✕ new" params={params} />
            <ErrorList kinds={grown} mark="▲ more" params={params} />
            <Services names={came} mark="+ new service" params={params} />
            <Services names={silent} mark="– fell silent" params={params} />
          </>
        );
      }}
    </Panel>
  );
}

function ErrorList({ kinds, mark, params }: {
  readonly kinds: readonly ErrorKind[];
  readonly mark: string;
  readonly params: URLSearchParams;
}) {
  return (
    <List>
      {kinds.slice(0, MOST_ERRORS).map((kind) => (
        <li key={`${kind.serviceName} ${kind.kind}`}>
          <span class="change-mark bad">{mark}</span>
          <span class="change-text">
            <Link
              path={`/traces/${kind.traceId}`}
              params={sharedParams(params, { span: FAILED_STEP })}
              title={visibleText(kind.statusMessage, 500)}
            >
              <bdi>{visibleText(kind.kind, 100) || "error without a message"}</bdi>
            </Link>{" "}
            <span class="muted">
              <bdi>{visibleText(kind.serviceName, 60)}</bdi> ·{" "}
              <bdi>{visibleText(kind.spanName, 60)}</bdi>
            </span>
          </span>
          <span class="change-count">
            <Link
              path="/traces"
              params={sharedParams(params, {
                q: `${termOf("service", kind.serviceName)} ${
                  termOf("name", kind.spanName)
                } status:error`,
              })}
            >
              {formatWhole(Number(kind.count))} ×
            </Link>
            {kind.previousCount > 0n && (
              <span class="muted">, before {formatWhole(Number(kind.previousCount))}</span>
            )}
            <time
              class="muted"
              dateTime={exactTime(Number(kind.lastSeenUs))}
              title={exactTime(Number(kind.lastSeenUs))}
            >
              {formatAgo(Number(kind.lastSeenUs))}
            </time>
          </span>
        </li>
      ))}
      {kinds.length > MOST_ERRORS && (
        <li class="muted">and {formatWhole(kinds.length - MOST_ERRORS)} more kinds</li>
      )}
    </List>
  );
}

function Services({ names, mark, params }: {
  readonly names: readonly string[];
  readonly mark: string;
  readonly params: URLSearchParams;
}) {
  return (
    <List>
      {names.slice(0, MOST_SERVICES).map((name) => (
        <li key={name}>
          <span class="change-mark">{mark}</span>
          <span class="change-text">
            <Link path="/services" params={sharedParams(params, { view: "map", focus: name })}>
              <bdi>{visibleText(name, 100)}</bdi>
            </Link>
          </span>
        </li>
      ))}
      {names.length > MOST_SERVICES && (
        <li class="muted">and {formatWhole(names.length - MOST_SERVICES)} more services</li>
      )}
    </List>
  );
}

function List({ children }: { readonly children: ComponentChildren }) {
  return <ul class="changes">{children}</ul>;
}
