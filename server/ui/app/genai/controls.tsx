/**
 * What the GenAI page is split by and narrowed to.
 *
 * @module
 */

import { useState } from "preact/hooks";
import { int64, traces } from "../api.ts";
import { Link } from "../link.tsx";
import { useLoad } from "../loading.ts";
import { setParams } from "../place.ts";
import { SearchBox } from "../search_box.tsx";
import { sharedParams } from "../shared_params.ts";
import type { TimeWindow } from "../time_range.ts";
import { completeOperations } from "./api.ts";
import { type GenAiView, KINDS, SPLITS } from "./view.ts";

/** Parameters that another search makes meaningless. */
const PLACES = ["conversations"];

/** The search, and the line of controls below it. */
export function Controls(
  { view, window, params, onRefresh }: {
    readonly view: GenAiView;
    readonly window: TimeWindow;
    readonly params: URLSearchParams;
    readonly onRefresh: () => void;
  },
) {
  const isTag = view.split.startsWith("tag.");
  const [asking, setAsking] = useState(false);
  return (
    <>
      <div class="search-line">
        <SearchBox
          query={view.query}
          window={window}
          label="Search operations"
          example="model:gpt-4o status:error cost>0.01"
          complete={completeOperations}
          places={PLACES}
        />
      </div>
      <div class="row genai-controls">
        <label>
          Split by{" "}
          <select
            value={asking || isTag ? "tag" : view.split}
            onChange={({ currentTarget: { value } }) => {
              setAsking(value === "tag");
              if (value !== "tag") setParams({ split: value === "model" ? null : value });
            }}
          >
            {SPLITS.map(([value, label]) => <option key={value} value={value}>{label}</option>)}
            <option value="tag">Tag…</option>
          </select>
        </label>
        {(asking || isTag) && (
          <form
            class="row"
            onSubmit={(event) => {
              event.preventDefault();
              const key = String(new FormData(event.currentTarget).get("tag") ?? "").trim();
              if (key !== "") setParams({ split: `tag.${key}` });
            }}
          >
            <label>
              Tag{" "}
              <input
                name="tag"
                key={view.split}
                defaultValue={isTag ? view.split.slice("tag.".length) : ""}
                placeholder="such as customer.tier"
                maxLength={256}
                list="tag-keys"
                required
              />
            </label>
            <TagKeys window={window} />
            <button type="submit">Apply</button>
          </form>
        )}
        <label>
          Show{" "}
          <select
            value={view.of}
            onChange={({ currentTarget: { value } }) => setParams({ of: value })}
          >
            {KINDS.map(([value, label]) => <option key={value} value={value}>{label}</option>)}
          </select>
        </label>
        <span class="grow" />
        {view.query !== "" && (
          <Link path="/traces" params={sharedParams(params, { q: view.query })}>
            Search traces for this
          </Link>
        )}
        <button type="button" class="button" onClick={onRefresh}>Refresh</button>
      </div>
    </>
  );
}

/** Keys that spans of the window carry, to choose from. Without them one types. */
function TagKeys({ window }: { readonly window: TimeWindow }) {
  // Asked for once: the keys of an hour hardly change while somebody chooses.
  const keys = useLoad("keys", (signal) =>
    traces.getFacets({
      filter: { startTimeUs: int64(window.startUs), endTimeUs: int64(window.endUs) },
      valuesPerFacet: 1,
    }, { signal }));
  return (
    <datalist id="tag-keys">
      {(keys.data?.attributes ?? []).map(({ key }) => <option key={key} value={key} />)}
    </datalist>
  );
}
