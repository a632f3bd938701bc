/**
 * What each sender sent through each source.
 *
 * @module
 */

import type { IngestRow } from "../../../../sdk/gen/scouter/v1/admin_pb.ts";
import { formatSize, formatWhole } from "../format.ts";
import { Link } from "../link.tsx";
import { changed } from "../place.ts";
import { visibleText } from "../text.ts";
import { Ago } from "./parts.tsx";

/** The table; source and sender narrow the page to themselves. */
export function IngestTable(
  { rows, params }: { readonly rows: readonly IngestRow[]; readonly params: URLSearchParams },
) {
  return (
    <table class="data-table">
      <thead>
        <tr>
          <th scope="col">Source</th>
          <th scope="col">Sender</th>
          <th scope="col" class="number">Accepted</th>
          <th scope="col" class="number">Rejected</th>
          <th scope="col" class="number">Requests refused</th>
          <th scope="col" class="number">Stored before</th>
          <th scope="col" class="number">Late</th>
          <th scope="col" class="number">Received</th>
          <th scope="col">Last request</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ source, sender, counts, lastRequestUs }) => (
          <tr key={`${source} ${sender?.id}`}>
            <th scope="row" class="name">
              <Link path="/admin/ingest" params={changed(params, { source })}>{source}</Link>
            </th>
            <td data-label="Sender">
              <Link
                path="/admin/ingest"
                params={changed(params, { sender: sender?.id ?? "" })}
                title={sender?.id ?? ""}
              >
                <bdi>{visibleText(sender?.name || sender?.id || "unknown", 60)}</bdi>
              </Link>{" "}
              <span class="muted">
                {sender?.kind === "api_key"
                  ? "API key"
                  : sender?.kind === sender?.name
                  ? ""
                  : sender?.kind}
                {sender?.space !== undefined && `, space ${visibleText(sender.space, 60)}`}
              </span>
            </td>
            <td class="number" data-label="Accepted">{whole(counts?.accepted)}</td>
            <td class="number" data-label="Rejected">
              <Bad count={counts?.rejected} />
            </td>
            <td class="number" data-label="Refused">
              <Bad count={counts?.refusedRequests} />
            </td>
            <td class="number" data-label="Stored before">{whole(counts?.deduplicated)}</td>
            <td class="number" data-label="Late">{whole(counts?.late)}</td>
            <td class="number" data-label="Received">{formatSize(Number(counts?.bytes ?? 0n))}</td>
            <td data-label="Last request">
              <Ago timeUs={lastRequestUs} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Bad({ count }: { readonly count: bigint | undefined }) {
  return <span class={count === undefined || count === 0n ? "muted" : "bad"}>{whole(count)}</span>;
}

function whole(count: bigint | undefined): string {
  return formatWhole(Number(count ?? 0n));
}
