/**
 * Conversations, the one heard from last first.
 *
 * @module
 */

import { useState } from "preact/hooks";
import type { Conversation } from "../../../../sdk/gen/scouter/v1/genai_pb.ts";
import { exactTime, formatAgo, formatWhole } from "../format.ts";
import { Link } from "../link.tsx";
import { useLoad } from "../loading.ts";
import { setParams } from "../place.ts";
import { sharedParams } from "../shared_params.ts";
import { isLive } from "../shell/live.tsx";
import { FailureNote, Skeleton } from "../states.tsx";
import { visibleText } from "../text.ts";
import { genAi } from "./api.ts";
import { Cost } from "./usage_table.tsx";
import type { GenAiFilter } from "./view.ts";

const PAGE_SIZE = 20;

/**
 * The list; the page it shows stands in the address. While the page is live its rows stay where they are, and what
 * came since is told.
 */
export function ConversationList(
  { filter, filterKey, steadyKey, params }: {
    readonly filter: GenAiFilter;
    readonly filterKey: string;
    /** As `filterKey`, but it does not change as time passes. */
    readonly steadyKey: string;
    readonly params: URLSearchParams;
  },
) {
  const place = params.get("conversations") ?? "";
  const live = isLive(params);
  const [visit, setVisit] = useState(0);
  const list = useLoad(`${live ? `${steadyKey} ${visit}` : filterKey} ${place}`, (signal) => {
    const [, lastSeenUs, conversationId] = /^(\d{1,16})\.(.+)$/s.exec(place) ?? [];
    return genAi.listConversations({
      filter,
      limit: PAGE_SIZE,
      ...(lastSeenUs === undefined || conversationId === undefined
        ? {}
        : { after: { lastSeenUs: BigInt(lastSeenUs), conversationId } }),
    }, { signal });
  });
  const newer = useLoad(
    live && place === "" ? filterKey : "",
    (signal) =>
      live && place === ""
        ? genAi.listConversations({ filter, limit: PAGE_SIZE }, { signal })
        : Promise.resolve(null),
  );
  const rows = list.data?.conversations ?? [];
  const newestUs = rows[0]?.lastSeenUs ?? 0n;
  const fresh = live && list.data !== null
    ? newer.data?.conversations.filter(({ lastSeenUs }) => lastSeenUs > newestUs).length ?? 0
    : 0;
  const next = list.data?.next;
  return (
    <section class="box results" aria-labelledby="conversations">
      <h2 id="conversations">Conversations</h2>
      {fresh > 0 && (
        <button
          type="button"
          class="pill"
          onClick={() => setVisit((count) => count + 1)}
        >
          {fresh >= PAGE_SIZE ? `${PAGE_SIZE}+` : fresh} with news
        </button>
      )}
      {list.failure !== null
        ? <FailureNote failure={list.failure} onRetry={list.reload} />
        : list.data === null
        ? <Skeleton rows={6} />
        : rows.length === 0
        ? (
          <p class="muted">
            No conversation among these operations. Spans belong to one by{" "}
            <code>gen_ai.conversation.id</code> or <code>session.id</code>.
          </p>
        )
        : (
          <table class="data-table">
            <thead>
              <tr>
                <th scope="col">Conversation</th>
                <th scope="col">Agents, models</th>
                <th scope="col" class="number" title="Traces; usually one for each turn">Turns</th>
                <th scope="col" class="number">Tool calls</th>
                <th scope="col" class="number">Tokens</th>
                <th scope="col" class="number">Cost</th>
                <th scope="col">Outcome</th>
                <th scope="col">Last seen</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((conversation) => (
                <Row
                  key={conversation.conversationId}
                  conversation={conversation}
                  params={params}
                />
              ))}
            </tbody>
          </table>
        )}
      {(place !== "" || next !== undefined) && (
        <div class="pager">
          <button
            type="button"
            disabled={place === ""}
            onClick={() => setParams({ conversations: null })}
          >
            ◂ Newest
          </button>
          <button
            type="button"
            disabled={next === undefined}
            onClick={() =>
              next && setParams({ conversations: `${next.lastSeenUs}.${next.conversationId}` })}
          >
            Older ▸
          </button>
        </div>
      )}
    </section>
  );
}

function Row(
  { conversation, params }: {
    readonly conversation: Conversation;
    readonly params: URLSearchParams;
  },
) {
  const { conversationId: id, counts, tokens, agents, models, services } = conversation;
  const failed = Number(counts?.errorCount ?? 0n);
  const lastUs = Number(conversation.lastSeenUs);
  const who = [...agents, ...models].map((name) => visibleText(name, 40)).join(", ");
  return (
    <tr>
      <th scope="row" class="name">
        <Link path={`/genai/conversations/${encodeURIComponent(id)}`} params={sharedParams(params)}>
          <bdi>{visibleText(id, 60)}</bdi>
        </Link>
      </th>
      <td class="who" data-label="Agents, models" title={services.join(", ")}>{who || "–"}</td>
      <td class="number" data-label="Turns">{formatWhole(Number(conversation.traceCount))}</td>
      <td class="number" data-label="Tool calls">
        {formatWhole(Number(conversation.toolCallCount))}
      </td>
      <td class="number" data-label="Tokens">
        {formatWhole(Number((tokens?.input ?? 0n) + (tokens?.output ?? 0n)))}
      </td>
      <td class="number" data-label="Cost">
        <Cost activity={conversation} />
      </td>
      <td data-label="Outcome">
        {failed > 0
          ? <span class="bad">✕ {formatWhole(failed)} failed</span>
          : <span class="ok">✓ ok</span>}
      </td>
      <td data-label="Last seen">
        <time dateTime={exactTime(lastUs)} title={exactTime(lastUs)}>{formatAgo(lastUs)}</time>
      </td>
    </tr>
  );
}
