/**
 * Attributes of a span, its resource, its scope or an event.
 *
 * @module
 */

import { useState } from "preact/hooks";
import type { Attribute } from "../../../../sdk/gen/scouter/v1/trace_pb.ts";
import { formatWhole } from "../format.ts";
import { Link } from "../link.tsx";
import { LongText } from "../long_text.tsx";
import { termOf } from "../search_text.ts";
import { sharedParams } from "../shared_params.ts";
import { valueText, visibleText } from "../text.ts";

/** Attributes shown at once; more are one click away. */
const MANY = 100;
const MANY_MORE = 500;

/** A list of attributes under its title; nothing when it is empty. */
export function Attributes(
  { title, prefix, attributes, filter, params, onWhole }: {
    readonly title: string;
    /** What a search puts before the key; null where a search cannot find it. */
    readonly prefix: string | null;
    readonly attributes: readonly Attribute[];
    readonly filter: string;
    readonly params: URLSearchParams;
    readonly onWhole: () => void;
  },
) {
  const [most, setMost] = useState(MANY);
  if (attributes.length === 0) return null;
  const wanted = filter.trim().toLowerCase();
  const kept = wanted === ""
    ? attributes
    : attributes.filter(({ key, valueJson }) =>
      key.toLowerCase().includes(wanted) || valueJson.toLowerCase().includes(wanted)
    );
  const shown = kept.slice(0, most);
  return (
    <section>
      {title !== "" && (
        <h3>
          {title}{" "}
          <span class="count">
            {wanted === ""
              ? formatWhole(attributes.length)
              : `${formatWhole(kept.length)} of ${formatWhole(attributes.length)}`}
          </span>
        </h3>
      )}
      <dl class="attributes">
        {shown.map(({ key, valueJson, fullLength, isBytes }) => {
          const value = valueText(valueJson);
          return (
            <div key={key}>
              <dt>
                <bdi title={key.length > 200 ? visibleText(key, 2000) : undefined}>
                  {visibleText(key, 200)}
                </bdi>
              </dt>
              <dd>
                {isBytes && <span class="muted">bytes</span>}
                <LongText text={value} fullLength={Number(fullLength)} onWhole={onWhole} />
                {prefix !== null && value.length <= 200 && !/[\s()"]/.test(key) && (
                  <Link
                    path="/traces"
                    class="find"
                    title="Find traces with this value"
                    params={sharedParams(params, { q: termOf(prefix + key, value) })}
                  >
                    find
                  </Link>
                )}
              </dd>
            </div>
          );
        })}
      </dl>
      {kept.length > shown.length && (
        <button
          type="button"
          class="small"
          onClick={() => setMost(most + MANY_MORE)}
        >
          {formatWhole(kept.length - shown.length)} more
        </button>
      )}
    </section>
  );
}
