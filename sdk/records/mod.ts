/**
 * Records as they stand on the wire.
 *
 * @module
 */

export type {
  AgentEvalRecord,
  AgentTaskRecord,
  AgentWorkflowRecord,
  EvaluationTaskType,
} from "./agent_records.ts";
export type {
  CustomMetricRecord,
  LatencyMetrics,
  ObservabilityRecord,
  PsiRecord,
  RouteMetrics,
  SpcRecord,
} from "./drift_records.ts";
export * from "./error.ts";
export * from "./eval_record.ts";
export * from "./features.ts";
export {
  type MessageRecord,
  parseMessage,
  recordTime,
  type ServerRecord,
  type ServerRecords,
  type TagRecord,
  type TraceServerRecord,
  writeMessage,
} from "./message.ts";
export type { TraceRequest } from "./trace_request.ts";
