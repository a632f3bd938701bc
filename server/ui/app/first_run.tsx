/**
 * What a person sees while nothing is stored: how to send a first trace.
 *
 * @module
 */

import { useEffect, useState } from "preact/hooks";
import type { TraceSummary } from "../../../sdk/gen/scouter/v1/trace_pb.ts";
import { traces } from "./api.ts";
import { CopyButton } from "./copy_button.tsx";
import { Link } from "./link.tsx";
import { BASE_URL } from "./place.ts";
import { SAMPLE_TRACES, sendSampleData } from "./sample_data.ts";
import { snippetsFor } from "./snippets.ts";
import { visibleText } from "./text.ts";

const LISTEN_MS = 1000;

/** The page. It stays when the first span arrives, and offers to open it. */
export function FirstRun({ onData }: { readonly onData: () => void }) {
  const base = BASE_URL.replace(/\/$/, "");
  const needsKey = useNeedsKey();
  const first = useFirstTrace();
  const [chosen, setChosen] = useState("environment");
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [snippets, setSnippets] = useState(() => snippetsFor(base, needsKey));
  useEffect(() => setSnippets(snippetsFor(base, needsKey)), [base, needsKey]);
  const snippet = snippets.find(({ id }) => id === chosen);
  const leave = () => {
    // The button goes with the page; whoever pressed it by key reads on where the data will be.
    document.getElementById("main")?.focus();
    onData();
  };
  const sample = () => {
    setSending(true);
    setProblem(null);
    sendSampleData(Date.now()).then(leave, (error: Error) => setProblem(error.message))
      .finally(() => setSending(false));
  };
  return (
    <section class="first-run" aria-labelledby="first-run-title">
      <h2 id="first-run-title">Send your first trace</h2>
      <p>
        {first === null && "Nothing is stored yet. "}
        This server takes OpenTelemetry spans at its own address:
      </p>
      <div class="tabs" role="group" aria-label="Ways to send">
        {snippets.map(({ id, name }) => (
          <button
            key={id}
            type="button"
            aria-pressed={id === chosen}
            onClick={() => setChosen(id)}
          >
            {name}
          </button>
        ))}
      </div>
      {snippet !== undefined && (
        <div class="snippet">
          {snippet.before !== "" && <p class="muted">{snippet.before}</p>}
          <pre tabIndex={0} aria-label={`${snippet.name}: code`}>{snippet.code}</pre>
          <CopyButton key={snippet.id} label="Copy" text={() => snippet.code} />
        </div>
      )}
      {needsKey && <p class="muted">Senders need an API key with the scope ingest.</p>}
      <p class="listening" role="status">
        {first === null
          ? (
            <>
              <span class="beat" aria-hidden="true" />Listening for spans…
            </>
          )
          : (
            <>
              <span class="ok">✓ First span received:</span>{" "}
              <Link path={`/traces/${first.traceId}`}>
                open <bdi>{visibleText(first.rootOperation, 80) || "it"}</bdi>
              </Link>{" "}
              or{" "}
              <button type="button" class="small primary" onClick={leave}>
                see all that arrived
              </button>
            </>
          )}
      </p>
      {(first === null || sending) && (
        <p>
          No program at hand?{" "}
          <button type="button" class="button" disabled={sending} onClick={sample}>
            Load sample data
          </button>{" "}
          <span class="muted">
            {SAMPLE_TRACES} traces of a small shop with an agent, removed again with one click.
          </span>
        </p>
      )}
      {problem !== null && <p class="bad" role="alert">{problem}</p>}
    </section>
  );
}

/** The first trace that arrives. */
function useFirstTrace(): TraceSummary | null {
  const [first, setFirst] = useState<TraceSummary | null>(null);
  useEffect(() => {
    if (first !== null) return;
    const abort = new AbortController();
    let busy = false;
    const timer = setInterval(() => {
      if (busy) return;
      busy = true;
      traces.listTraces({ limit: 1 }, { signal: abort.signal }).then(
        (found) => setFirst(found.traces[0] ?? null),
        // The next round asks again; the indicator goes on listening.
        () => {},
      ).finally(() => busy = false);
    }, LISTEN_MS);
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, [first]);
  return first;
}

/** Whether the server asks senders for a key. */
function useNeedsKey(): boolean {
  const [needs, setNeeds] = useState(false);
  useEffect(() => {
    fetch(`${BASE_URL}scouter/api/v1/capabilities`).then((response) => response.json()).then(
      (body: { readonly auth?: { readonly required?: boolean } }) =>
        setNeeds(body.auth?.required === true),
      // Without an answer the snippets stay as they are for a server without login.
      () => {},
    );
  }, []);
  return needs;
}
