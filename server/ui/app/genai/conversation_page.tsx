/**
 * One conversation: what was said in it, across its traces, in order.
 *
 * @module
 */

import type { GenAiStep, GetMessagesResponse } from "../../../../sdk/gen/scouter/v1/genai_pb.ts";
import { genAi } from "./api.ts";
import { CopyButton } from "../copy_button.tsx";
import { exactTime, formatAgo, formatDuration, formatTime, formatWhole } from "../format.ts";
import { Link } from "../link.tsx";
import { useLoad } from "../loading.ts";
import { go } from "../place.ts";
import { useSetting } from "../settings.ts";
import { sharedParams } from "../shared_params.ts";
import { useLiveTick } from "../shell/live.tsx";
import { EmptyNote, FailureNote, Skeleton } from "../states.tsx";
import { visibleText } from "../text.ts";
import { Step } from "../trace/conversation_step.tsx";
import { CostOf, costOf } from "../trace/cost.tsx";

/** A conversation that was heard from this lately may go on. */
const OPEN_US = 60e6;

/** The page at `/genai/conversations/:id`. */
export function ConversationPage(
  { conversationId, params }: {
    readonly conversationId: string;
    readonly params: URLSearchParams;
  },
) {
  const tick = useLiveTick(params);
  const found = useLoad(
    `${conversationId} ${tick}`,
    (signal) =>
      genAi.getMessages({ of: { case: "conversationId", value: conversationId } }, { signal }),
  );
  return (
    <div class="conversation-page">
      <p class="crumb">
        <Link path="/genai" params={sharedParams(params)}>GenAI</Link> / conversation
      </p>
      <div class="row">
        <h1>
          <bdi>{visibleText(conversationId, 200)}</bdi>
        </h1>
        <CopyButton label="Copy id" text={() => conversationId} />
        <span class="grow" />
        <button type="button" class="button" onClick={found.reload}>Refresh</button>
      </div>
      {found.failure !== null
        ? <FailureNote failure={found.failure} onRetry={found.reload} />
        : found.data === null
        ? <Skeleton rows={10} />
        : found.data.steps.length === 0
        ? (
          <EmptyNote title="Nothing is known of this conversation">
            <p>
              No stored span names it by <code>gen_ai.conversation.id</code> or{" "}
              <code>session.id</code>. Its spans may not have arrived yet, or were dropped with age.
            </p>
            <Link path="/genai" params={sharedParams(params)} class="button primary">
              All conversations
            </Link>
          </EmptyNote>
        )
        : <Transcript data={found.data} params={params} />}
    </div>
  );
}

function Transcript(
  { data, params }: { readonly data: GetMessagesResponse; readonly params: URLSearchParams },
) {
  const { steps } = data;
  const turns = [...Map.groupBy(steps, ({ traceId }) => traceId)];
  const startUs = Math.min(...steps.map((step) => Number(step.startTimeUs)));
  const lastUs = Math.max(...steps.map((step) => Number(step.endTimeUs)));
  const failed = steps.filter(({ statusCode, errorType }) => statusCode === 2 || errorType).length;
  const paid = payable(steps);
  const sum = (of: (step: GenAiStep) => bigint | undefined) =>
    paid.reduce((total, step) => total + Number(of(step) ?? 0n), 0);
  const input = sum((step) => step.inputTokens);
  const output = sum((step) => step.outputTokens);
  return (
    <>
      <p class="row facts-line">
        <span>
          {failed > 0
            ? <b class="bad">✕ {formatWhole(failed)} of {formatWhole(steps.length)} steps failed</b>
            : <b class="ok">✓ ok</b>}
        </span>
        <span>{plural(turns.length, "turn")}</span>
        <span>{plural(steps.length, "step")}</span>
        <span>{formatWhole(input)} tokens in, {formatWhole(output)} out</span>
        <CostOf cost={costOf(paid)} />
        <span>
          last heard{" "}
          <time dateTime={exactTime(lastUs)} title={exactTime(lastUs)}>{formatAgo(lastUs)}</time>
        </span>
        <span class="muted">
          over {formatDuration(lastUs - startUs)}
        </span>
        {Date.now() * 1000 - lastUs < OPEN_US && <span class="warn">may still go on</span>}
      </p>
      {data.truncated && (
        <p class="banner" role="note">
          <b>Shown in part:</b> the first {formatWhole(steps.length)} steps.
        </p>
      )}
      {turns.map(([traceId, members], index) => (
        <Turn
          key={traceId}
          number={index + 1}
          traceId={traceId}
          steps={members}
          params={params}
        />
      ))}
    </>
  );
}

function Turn(
  { number, traceId, steps, params }: {
    readonly number: number;
    readonly traceId: string;
    readonly steps: readonly GenAiStep[];
    readonly params: URLSearchParams;
  },
) {
  const utc = useSetting("zone") === "utc";
  const startUs = Math.min(...steps.map((step) => Number(step.startTimeUs)));
  const endUs = Math.max(...steps.map((step) => Number(step.endTimeUs)));
  const shared = sharedParams(params);
  return (
    <section class="box turn" aria-labelledby={`turn-${number}`}>
      <div class="row turn-head">
        <h2 id={`turn-${number}`}>Turn {number}</h2>
        <time class="muted" dateTime={exactTime(startUs)} title={exactTime(startUs)}>
          {formatTime(startUs, utc).slice(0, -4)}
        </time>
        <span class="muted">{formatDuration(endUs - startUs)}</span>
        <CostOf cost={costOf(payable(steps))} />
        <span class="grow" />
        <Link path={`/traces/${traceId}`} params={shared}>Trace {traceId.slice(0, 8)}…</Link>
      </div>
      <ol class="steps">
        {steps.map((step) => (
          <Step
            key={step.spanId}
            step={step}
            traceStartUs={startUs}
            selected={false}
            onSelect={() => go(`/traces/${traceId}`, sharedParams(params, { span: step.spanId }))}
          />
        ))}
      </ol>
    </section>
  );
}

/** Steps whose tokens are paid for: agents and workflows may sum up those of the calls within them. */
function payable(steps: readonly GenAiStep[]): readonly GenAiStep[] {
  const calling = new Set(
    steps.filter((step) => !encloses(step) && step.inputTokens !== undefined)
      .map(({ traceId }) => traceId),
  );
  return steps.filter((step) => !encloses(step) || !calling.has(step.traceId));
}

function encloses({ operationName }: GenAiStep): boolean {
  return ["invoke_agent", "create_agent", "invoke_workflow"].includes(operationName);
}

function plural(count: number, word: string): string {
  return `${formatWhole(count)} ${word}${count === 1 ? "" : "s"}`;
}
