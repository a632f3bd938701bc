/**
 * Counts spans by a mark on their resource.
 *
 * @module
 */

import { mayHold, type ResourceMark } from "../sample_mark.ts";
import { columnOf, numberOrNull, type QueryContext, run } from "./context.ts";
import { SqlParams } from "./sql_params.ts";

/** How many spans carry a mark. Files without the mark's services are not read. */
export async function countMarked(context: QueryContext, mark: ResourceMark): Promise<number> {
  const files = context.files.filter(({ services }) => mayHold(mark, services));
  if (files.length === 0) return 0;
  const params = new SqlParams();
  const path = params.add(`$."${mark.key}"`);
  const result = await run(
    context,
    `SELECT count(*) AS spans FROM ${params.files(files)}
     WHERE json_extract_string(resource_attributes, ${path}::VARCHAR) = ${params.add(mark.value)}`,
    params,
  );
  return numberOrNull(columnOf(result, "spans")[0]) ?? 0;
}
