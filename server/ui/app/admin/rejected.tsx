/**
 * What was refused, and why.
 *
 * @module
 */

import type {
  RejectedExample,
  RejectReasonCount,
} from "../../../../sdk/gen/scouter/v1/admin_pb.ts";
import { formatWhole } from "../format.ts";
import { Link } from "../link.tsx";
import { visibleText } from "../text.ts";
import { Ago } from "./parts.tsx";

/** Reasons with counts and what to do. */
export function ReasonList({ reasons }: { readonly reasons: readonly RejectReasonCount[] }) {
  return (
    <section class="box" aria-labelledby="reasons-of">
      <h2 id="reasons-of">Why spans were refused</h2>
      {reasons.length === 0
        ? <p class="ok">✓ Nothing was refused in this window.</p>
        : (
          <table class="data-table">
            <thead>
              <tr>
                <th scope="col">Reason</th>
                <th scope="col" class="number">Spans</th>
                <th scope="col" class="number">Whole requests</th>
                <th scope="col">What it means</th>
              </tr>
            </thead>
            <tbody>
              {reasons.map(({ reason, meaning, spans, requests }) => (
                <tr key={reason}>
                  <th scope="row" class="name">
                    <code>{visibleText(reason, 80)}</code>
                  </th>
                  <td class="number" data-label="Spans">{formatWhole(Number(spans))}</td>
                  <td class="number" data-label="Requests">{formatWhole(Number(requests))}</td>
                  <td class="wide">{visibleText(meaning, 400)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
    </section>
  );
}

/** The newest refusals. */
export function RejectedList({ examples }: { readonly examples: readonly RejectedExample[] }) {
  if (examples.length === 0) return null;
  return (
    <section class="box" aria-labelledby="rejected">
      <h2 id="rejected">Newest refusals</h2>
      <Examples examples={examples} />
    </section>
  );
}

/** Refusals, one a row. */
export function Examples({ examples }: { readonly examples: readonly RejectedExample[] }) {
  return (
    <table class="data-table">
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">Reason</th>
          <th scope="col">From</th>
          <th scope="col" class="number">Spans</th>
          <th scope="col">What the sender was told</th>
        </tr>
      </thead>
      <tbody>
        {examples.map((example, index) => (
          <tr key={index}>
            <th scope="row">
              <Ago timeUs={example.timeUs} />
            </th>
            <td data-label="Reason">
              <code>{visibleText(example.reason, 80)}</code>
            </td>
            <td data-label="From">
              {example.source}
              <br />
              <span class="muted">
                <bdi>
                  {visibleText(
                    example.serviceName ?? example.sender?.name ?? example.sender?.id ?? "",
                    60,
                  )}
                </bdi>
              </span>
            </td>
            <td class="number" data-label="Spans">
              {example.wholeRequest && example.spans === 0n
                ? "all"
                : formatWhole(Number(example.spans))}
            </td>
            <td class="wide">
              {visibleText(example.message, 600)}
              {example.traceIds.map((id) => (
                <div key={id}>
                  <Link path="/admin/ingest" params={new URLSearchParams({ trace: id })}>
                    <code>{id}</code>
                  </Link>
                </div>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
