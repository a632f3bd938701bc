/**
 * The search: checked and completed by the server while it is typed.
 *
 * @module
 */

import { useEffect, useRef, useState } from "preact/hooks";
import type {
  CompleteSearchResponse,
  SearchProblem,
} from "../../../sdk/gen/scouter/v1/trace_pb.ts";
import { int64, traces } from "./api.ts";
import { formatCompact } from "./format.ts";
import { setParams } from "./place.ts";
import { visibleText } from "./text.ts";
import type { TimeWindow } from "./time_range.ts";

const WAIT_MS = 150;
const SUGGESTIONS = 12;

/** What may be put in place of the word at the caret. */
export type SearchOffer = Pick<CompleteSearchResponse, "from" | "to" | "suggestions">;

/** What is typed so far, and how to complete it. */
export interface SearchTyped {
  readonly query: string;
  /** Place of the caret. */
  readonly position: number;
  readonly window: TimeWindow;
  /** Most suggestions. */
  readonly limit: number;
}

/** Keys and values that traces have. */
function completeTraces(
  { window, ...typed }: SearchTyped,
  signal: AbortSignal,
): Promise<SearchOffer> {
  const filter = { startTimeUs: int64(window.startUs), endTimeUs: int64(window.endUs) };
  return traces.completeSearch({ ...typed, filter }, { signal });
}

const TRACE_PLACES = ["before", "after", "sel"];

/** The field with its suggestions and, where the search cannot be read, what was expected where. */
export function SearchBox(
  {
    query,
    window,
    label = "Search traces",
    example = "service:checkout status:error duration>1s",
    complete = completeTraces,
    places = TRACE_PLACES,
  }: {
    readonly query: string;
    readonly window: TimeWindow;
    readonly label?: string;
    /** Shown while nothing is typed. */
    readonly example?: string;
    readonly complete?: (typed: SearchTyped, signal: AbortSignal) => Promise<SearchOffer>;
    /** Parameters that another search makes meaningless. */
    readonly places?: readonly string[];
  },
) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(query);
  const [problem, setProblem] = useState<SearchProblem | null>(null);
  const [offer, setOffer] = useState<SearchOffer | null>(null);
  const [chosen, setChosen] = useState(-1);
  useEffect(() => {
    setText(query);
    setProblem(null);
    if (query === "") return;
    const abort = new AbortController();
    traces.validateSearch({ query }, { signal: abort.signal })
      .then((answer) => setProblem(answer.problem ?? null), () => {});
    return () => abort.abort();
  }, [query]);
  const asking = useRef<AbortController | null>(null);
  useEffect(() => () => asking.current?.abort(), []);

  /** Asks the server once typing pauses. */
  const ask = (typed: string, position: number) => {
    asking.current?.abort();
    const abort = new AbortController();
    asking.current = abort;
    setOffer(null);
    setChosen(-1);
    setTimeout(() => {
      if (abort.signal.aborted) return;
      const { signal } = abort;
      traces.validateSearch({ query: typed }, { signal })
        .then((answer) => setProblem(answer.problem ?? null), () => {});
      complete({ query: typed, position, window, limit: SUGGESTIONS }, signal)
        .then(setOffer, () => {});
    }, WAIT_MS);
  };
  const take = (suggestion: string) => {
    if (offer === null) return;
    const next = text.slice(0, offer.from) + suggestion + text.slice(offer.to);
    const place = offer.from + suggestion.length;
    setText(next);
    ask(next, place);
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(place, place);
    });
  };
  const close = () => {
    asking.current?.abort();
    setOffer(null);
    setChosen(-1);
  };
  const search = async () => {
    close();
    const wanted = text.trim();
    const found = await traces.validateSearch({ query: wanted }).then(
      (answer) => answer.problem ?? null,
      () => null,
    );
    setProblem(found);
    if (found === null) {
      setParams({ ...Object.fromEntries(places.map((name) => [name, null])), q: wanted });
    }
  };
  const suggestions = offer?.suggestions ?? [];
  const open = suggestions.length > 0;
  return (
    <form
      class="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        search();
      }}
    >
      <label class="sr" for="search">{label}</label>
      <div class="search-field">
        <input
          id="search"
          ref={input}
          value={text}
          autocomplete="off"
          spellcheck={false}
          placeholder={example}
          role="combobox"
          aria-expanded={open}
          aria-controls="suggestions"
          aria-autocomplete="list"
          aria-invalid={problem !== null}
          {...(problem === null || open ? {} : { "aria-describedby": "search-problem" })}
          {...(chosen < 0 ? {} : { "aria-activedescendant": `suggestion-${chosen}` })}
          onInput={({ currentTarget }) => {
            setText(currentTarget.value);
            setProblem(null);
            ask(currentTarget.value, currentTarget.selectionStart ?? currentTarget.value.length);
          }}
          onBlur={close}
          onKeyDown={(event) => {
            if (event.key === "ArrowDown" && open) setChosen((chosen + 1) % suggestions.length);
            else if (event.key === "ArrowDown") {
              ask(text, event.currentTarget.selectionStart ?? text.length);
            } else if (event.key === "ArrowUp" && open) {
              setChosen((chosen <= 0 ? suggestions.length : chosen) - 1);
            } else if ((event.key === "Enter" || event.key === "Tab") && chosen >= 0) {
              const suggestion = suggestions[chosen];
              if (suggestion !== undefined) take(suggestion.text);
            } else if (event.key === "Escape") {
              if (open) close();
              else event.currentTarget.blur();
            } else return;
            event.preventDefault();
          }}
        />
        <button type="submit" class="button primary">Search</button>
        <ul id="suggestions" role="listbox" aria-label="Suggestions" hidden={!open}>
          {suggestions.map((suggestion, i) => (
            <li
              key={suggestion.text}
              id={`suggestion-${i}`}
              role="option"
              aria-selected={i === chosen}
              onPointerDown={(event) => {
                event.preventDefault();
                take(suggestion.text);
              }}
            >
              <bdi>{visibleText(suggestion.text, 120)}</bdi>
              {suggestion.spanCount > 0n && (
                <span class="count">{formatCompact(Number(suggestion.spanCount))}</span>
              )}
            </li>
          ))}
        </ul>
      </div>
      {/* What is still being typed is offered an end before it is called wrong. */}
      {problem !== null && !open && <Problem text={text} problem={problem} />}
    </form>
  );
}

/** The search with the wrong place underlined, and what was expected there. */
function Problem({ text, problem }: { readonly text: string; readonly problem: SearchProblem }) {
  const end = problem.position + problem.length;
  return (
    <p id="search-problem" class="search-problem" role="alert">
      <code aria-hidden="true">
        {text.slice(Math.max(0, problem.position - 30), problem.position)}
        <mark>{text.slice(problem.position, end) || "␣"}</mark>
        {text.slice(end, end + 30)}
      </code>{" "}
      {problem.expected} at character {problem.position + 1}
    </p>
  );
}
