/**
 * Hot files as queries see them.
 *
 * @module
 */

import type { RowBounds } from "../contract.ts";
import type { HotFile } from "./snapshot_board.ts";
import { sortedHas } from "./trace_filter.ts";

/** Describes a hot file that is on disk. */
export function hotFile(
  path: string,
  segment: number,
  from: number,
  to: number,
  sizeBytes: number,
  bounds: RowBounds,
): HotFile {
  const { rows, minStartUs, maxStartUs, maxEndUs, services, traceHashes } = bounds;
  return {
    path,
    segment,
    from,
    to,
    sizeBytes,
    tier: "hot",
    rows,
    minStartUs,
    maxStartUs,
    maxEndUs,
    services,
    mayContainTrace: (hash) => sortedHas(traceHashes, hash),
  };
}
