/**
 * Usage as messages of `scouter.v1.GenAiService`.
 *
 * @module
 */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type { GetUsageResponseSchema } from "../../sdk/gen/scouter/v1/genai_pb.ts";
import type { Usage } from "../lake/traces/genai/usage_split.ts";
import { activityMessage } from "./genai_messages.ts";
import { int64 } from "./trace_messages.ts";

/** The answer of GetUsage. */
export function usageMessage(usage: Usage): MessageInitShape<typeof GetUsageResponseSchema> {
  return {
    total: activityMessage(usage.total),
    groups: usage.groups.map(({ kind, key, activity }) => ({
      kind,
      key,
      activity: activityMessage(activity),
    })),
    buckets: usage.buckets.map((bucket) => ({
      startTimeUs: int64(bucket.bucketStartUs),
      group: bucket.group,
      activity: activityMessage(bucket.activity),
    })),
    valueCount: int64(usage.valueCount),
  };
}
