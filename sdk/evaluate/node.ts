/**
 * The parts of evaluation that need a file system: Deno, Node and Bun, not the browser.
 *
 * @example
 * ```ts ignore
 * import { FileJudgeStore } from "@scouter/sdk/evaluate/node";
 *
 * const store = new FileJudgeStore("recordings/judge.jsonl");
 * ```
 *
 * @module
 */

export { FileJudgeStore } from "./judge/file_store.ts";
export type { JudgeStore, StoredAnswer } from "./judge/store.ts";
export { FileScenarioCheckpoint } from "./scenarios/file_checkpoint.ts";
export type { ScenarioCheckpoint } from "./scenarios/orchestrator.ts";
export type { Exchange, PlayedScenario } from "./scenarios/runner.ts";
export type { CapturedData } from "./scenarios/capture.ts";
export type { EvalSubject } from "./record.ts";
export type { EvalSpan, SpanAttribute } from "./trace/types.ts";
export type { JsonObject, JsonValue } from "./json.ts";
