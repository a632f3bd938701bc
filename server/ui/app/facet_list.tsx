/**
 * Values to narrow the search by.
 *
 * @module
 */

import type { Facet, GetFacetsResponse } from "../../../sdk/gen/scouter/v1/trace_pb.ts";
import { formatCompact, formatWhole } from "./format.ts";
import type { Loaded } from "./loading.ts";
import { setParams } from "./place.ts";
import { hasTerm, termOf, toggleTerm } from "./search_text.ts";
import { Skeleton } from "./states.tsx";
import { valueText, visibleText } from "./text.ts";

/** The column beside the list. Clicking a value adds it to the search, or takes it away again. */
export function FacetList(
  { facets, query }: { readonly facets: Loaded<GetFacetsResponse>; readonly query: string },
) {
  const { data, failure, reload } = facets;
  return (
    <aside class="facets" aria-label="Narrow by">
      <details open={matchMedia("(min-width: 761px)").matches} class="facets-all">
        <summary>Narrow by</summary>
        {failure !== null
          ? (
            <p class="bad">
              {visibleText(failure.message, 300)}{" "}
              <button type="button" onClick={reload}>Retry</button>
            </p>
          )
          : data === null
          ? <Skeleton rows={6} />
          : (
            <>
              {data.fields.map((facet) => (
                <FacetValues key={facet.key} facet={facet} query={query} open />
              ))}
              {data.attributes.length > 0 && (
                <details class="facet-attributes">
                  <summary>Attributes</summary>
                  {data.attributesSampledSpans !== undefined && (
                    <p class="muted">
                      Counted over the newest {formatCompact(Number(data.attributesSampledSpans))}
                      {" "}
                      spans.
                    </p>
                  )}
                  {data.attributes.map((facet) => (
                    <FacetValues key={facet.key} facet={facet} query={query} />
                  ))}
                </details>
              )}
            </>
          )}
      </details>
    </aside>
  );
}

function FacetValues(
  { facet, query, open = false }: {
    readonly facet: Facet;
    readonly query: string;
    readonly open?: boolean;
  },
) {
  return (
    <details open={open} class="facet">
      <summary>
        <bdi>{visibleText(facet.key, 80)}</bdi>
      </summary>
      <ul>
        {facet.values.map((value) => {
          const text = valueText(value.valueJson);
          const term = termOf(facet.key, text);
          const active = hasTerm(query, term);
          return (
            <li key={value.valueJson}>
              <button
                type="button"
                aria-pressed={active}
                title={visibleText(text, 500)}
                onClick={() => setParams({ q: toggleTerm(query, term), before: null, after: null })}
              >
                <bdi>{text === "" ? "(empty)" : visibleText(text, 80)}</bdi>
                <span class="count" title={`${formatWhole(Number(value.traceCount))} traces`}>
                  {formatCompact(Number(value.traceCount))}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </details>
  );
}
