/**
 * The command palette: pages, recent traces, a pasted trace id, and what else the shell can do.
 *
 * @module
 */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { TraceSummary } from "../../../../sdk/gen/scouter/v1/trace_pb.ts";
import { failureOf, traces } from "../api.ts";
import { formatAgo } from "../format.ts";
import { visibleText } from "../text.ts";
import { type Command, commandsFor, type PaletteActions } from "./commands.ts";
import { recentTraces } from "./recent_traces.ts";

/** What the palette needs. */
export interface PaletteProps {
  readonly params: URLSearchParams;
  readonly actions: PaletteActions;
  readonly onClose: () => void;
}

/** The dialog. Arrows move over what it offers, Enter takes it. */
export function Palette({ params, actions, onClose }: PaletteProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const { recent, problem } = useRecent();
  // Before the next key, which belongs to the dialog already.
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const commands = commandsFor(text, recent, params, actions);
  const chosen = Math.min(at, commands.length - 1);
  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    // Closed first: what the command puts into focus must not lose it to the dialog's going.
    dialog.current?.close();
    command.run();
  };
  const move = (step: number) => {
    const next = (chosen + step + commands.length) % Math.max(1, commands.length);
    setAt(next);
    document.getElementById(`command-${next}`)?.scrollIntoView({ block: "nearest" });
  };
  return (
    <dialog
      ref={dialog}
      class="palette"
      aria-label="Go to"
      onClose={onClose}
      onClick={(event) => {
        // The dialog's own box is covered by its content: a click on it is one beside it.
        if (event.target === dialog.current) dialog.current?.close();
      }}
    >
      <div class="palette-inside">
        <input
          type="text"
          role="combobox"
          aria-label="Go to a page, or paste a trace id"
          aria-expanded="true"
          aria-controls="commands"
          aria-activedescendant={commands.length === 0 ? undefined : `command-${chosen}`}
          placeholder="Go to a page, paste a trace id, or search"
          autocomplete="off"
          spellcheck={false}
          value={text}
          onInput={({ currentTarget }) => {
            setText(currentTarget.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            if (event.key === "ArrowDown") move(1);
            else if (event.key === "ArrowUp") move(-1);
            else if (event.key === "Enter") run(commands[chosen]);
            else return;
            event.preventDefault();
          }}
        />
        <ul id="commands" role="listbox" aria-label="Commands">
          {commands.map((command, i) => (
            <li
              key={command.id}
              id={`command-${i}`}
              role="option"
              aria-selected={i === chosen}
              onPointerMove={() => setAt(i)}
              onClick={() => run(command)}
            >
              <span class="command-kind">{command.kind}</span>
              <bdi class="command-name">{visibleText(command.name, 120)}</bdi>
              <span class="muted">{visibleText(command.about, 80)}</span>
            </li>
          ))}
        </ul>
        {commands.length === 0 && <p class="muted">Nothing here is called so.</p>}
        {problem !== null && (
          <p class="muted">Recent traces could not be loaded: {visibleText(problem, 200)}</p>
        )}
      </div>
    </dialog>
  );
}

/** Traces opened lately, with what is known of them now. */
function useRecent() {
  const [recent, setRecent] = useState<readonly (readonly [string, string, string])[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    const traceIds = recentTraces();
    if (traceIds.length === 0) return;
    const abort = new AbortController();
    traces.listTraces({ filter: { traceIds }, limit: traceIds.length }, { signal: abort.signal })
      .then(
        (found) => {
          const byId = new Map(found.traces.map((trace) => [trace.traceId, trace]));
          setRecent(traceIds.flatMap((id) => {
            const trace = byId.get(id);
            return trace === undefined ? [] : [[id, trace.rootOperation, aboutTrace(trace)]];
          }));
        },
        (thrown) => {
          if (!abort.signal.aborted) setProblem(failureOf(thrown).message);
        },
      );
    return () => abort.abort();
  }, []);
  return { recent, problem };
}

function aboutTrace(trace: TraceSummary): string {
  const outcome = trace.errorCount > 0n ? "✕ errors" : "✓ ok";
  return `${trace.serviceName} · ${outcome} · ${formatAgo(Number(trace.startTimeUs))}`;
}
