/**
 * The shapes of task files, as schemas: they parse, and they become the JSON Schemas that editors
 * use.
 *
 * @module
 */

import { z } from "zod";
import type { JsonValue } from "../json.ts";
import { type ComparisonOperator, OPERATORS } from "../operators/names.ts";
import type { AgentAssertionSpec } from "../agent/types.ts";
import type { SpanFilterSpec } from "../trace/types.ts";

/** Any JSON. */
export const jsonSchema: z.ZodType<JsonValue> = z.json() as z.ZodType<JsonValue>;

const operator: z.ZodType<ComparisonOperator> = z.enum(
  OPERATORS as [ComparisonOperator, ...ComparisonOperator[]],
);

const names = z.array(z.string());
const nothing = z.object({});

/** One of several shapes, told apart by their only key. */
const spanFilter: z.ZodType<SpanFilterSpec> = z.lazy(() =>
  z.union([
    z.strictObject({ ByName: z.strictObject({ name: z.string() }) }),
    z.strictObject({ ByNamePattern: z.strictObject({ pattern: z.string() }) }),
    z.strictObject({ WithAttribute: z.strictObject({ key: z.string() }) }),
    z.strictObject({
      WithAttributeValue: z.strictObject({ key: z.string(), value: jsonSchema }),
    }),
    z.strictObject({
      WithStatus: z.strictObject({ status: z.enum(["Ok", "Error", "Unset"]) }),
    }),
    z.strictObject({
      WithDuration: z.strictObject({
        min_ms: z.number().nullable().default(null),
        max_ms: z.number().nullable().default(null),
      }),
    }),
    z.strictObject({ Sequence: z.strictObject({ names }) }),
    z.strictObject({ And: z.strictObject({ filters: z.array(spanFilter) }) }),
    z.strictObject({ Or: z.strictObject({ filters: z.array(spanFilter) }) }),
  ])
) as z.ZodType<SpanFilterSpec>;

const aggregation = z.enum(["Count", "Sum", "Average", "Min", "Max", "First", "Last"]);

const common = {
  id: z.string().min(1).describe("Name, unique among the tasks"),
  operator: operator.describe("How to compare"),
  expected_value: jsonSchema.default(null).describe("With what; ${path} takes it from the record"),
  description: z.string().nullable().default(null).describe("For people"),
  depends_on: z.array(z.string()).default([]).describe("Tasks that have to be done first"),
  condition: z.boolean().default(false).describe("A gate: failing stops what depends on it"),
  result: jsonSchema.optional().describe("Left by an earlier run; ignored"),
};

const path = z.string().nullable().default(null);

const assertionFields = z.object({
  ...common,
  task_type: z.literal("Assertion").default("Assertion"),
  context_path: path.describe("Where the value is, for example user.tags[0]"),
  item_context_path: path.describe("Where the value is inside each item of an array"),
});

const agentAssertion: z.ZodType<AgentAssertionSpec> = z.union([
  z.strictObject({ ToolCalled: z.strictObject({ name: z.string() }) }),
  z.strictObject({ ToolNotCalled: z.strictObject({ name: z.string() }) }),
  z.strictObject({
    ToolCalledWithArgs: z.strictObject({ name: z.string(), arguments: jsonSchema }),
  }),
  z.strictObject({ ToolCallSequence: z.strictObject({ names }) }),
  z.strictObject({
    ToolCallCount: z.strictObject({ name: z.string().nullable().default(null) }),
  }),
  z.strictObject({
    ToolArgument: z.strictObject({ name: z.string(), argument_key: z.string() }),
  }),
  z.strictObject({ ToolResult: z.strictObject({ name: z.string() }) }),
  z.strictObject({ ResponseContent: nothing }),
  z.strictObject({ ResponseModel: nothing }),
  z.strictObject({ ResponseFinishReason: nothing }),
  z.strictObject({ ResponseInputTokens: nothing }),
  z.strictObject({ ResponseOutputTokens: nothing }),
  z.strictObject({ ResponseTotalTokens: nothing }),
  z.strictObject({ ResponseField: z.strictObject({ path: z.string() }) }),
]) as z.ZodType<AgentAssertionSpec>;

const provider = z.enum([
  "OpenAI",
  "Gemini",
  "Google",
  "Vertex",
  "Anthropic",
  "GoogleAdk",
  "Undefined",
]);

const agentFields = z.object({
  ...common,
  task_type: z.literal("AgentAssertion").default("AgentAssertion"),
  assertion: agentAssertion.describe("What is extracted from the response"),
  provider: provider.nullable().default(null).describe("Whose response it is"),
  context_path: path.describe("Where the response is"),
});

const traceAssertion = z.union([
  z.strictObject({ SpanSequence: z.strictObject({ span_names: names }) }),
  z.strictObject({ SpanSet: z.strictObject({ span_names: names }) }),
  z.strictObject({ SpanCount: z.strictObject({ filter: spanFilter }) }),
  z.strictObject({ SpanExists: z.strictObject({ filter: spanFilter }) }),
  z.strictObject({
    SpanAttribute: z.strictObject({ filter: spanFilter, attribute_key: z.string() }),
  }),
  z.strictObject({ SpanDuration: z.strictObject({ filter: spanFilter }) }),
  z.strictObject({
    SpanAggregation: z.strictObject({
      filter: spanFilter,
      attribute_key: z.string(),
      aggregation,
    }),
  }),
  z.strictObject({ TraceDuration: nothing }),
  z.strictObject({ TraceSpanCount: nothing }),
  z.strictObject({ TraceErrorCount: nothing }),
  z.strictObject({ TraceServiceCount: nothing }),
  z.strictObject({ TraceMaxDepth: nothing }),
  z.strictObject({ TraceAttribute: z.strictObject({ attribute_key: z.string() }) }),
  z.strictObject({
    AttributeFilter: z.strictObject({
      key: z.string(),
      task: z.union([
        z.strictObject({ Assertion: assertionFields }),
        z.strictObject({ AgentAssertion: agentFields }),
      ]),
      mode: z.enum(["Any", "All"]),
    }),
  }),
]);

/** A trace assertion as a file says it. */
export type TraceAssertionFile = z.infer<typeof traceAssertion>;

const traceFields = z.object({
  ...common,
  task_type: z.literal("TraceAssertion"),
  assertion: traceAssertion.describe("What is extracted from the trace"),
});

const textOrTexts = z.union([z.string(), z.array(z.string())]);

const promptFields = z.object({
  model: z.string().min(1),
  provider: z.string().describe("openai, anthropic, gemini, google, vertex or openai-compatible"),
  messages: textOrTexts.describe("User messages; ${path} takes values from the record"),
  system_instructions: textOrTexts.nullable().default(null),
  settings: z.record(z.string(), jsonSchema).nullable().default(null),
  response_format: z.record(z.string(), jsonSchema).nullable().optional()
    .describe("JSON Schema of the answer; null: free text; absent: a score and a reason"),
  request: z.never().optional().describe("Belongs to the serialised form"),
});

const serialisedPromptFields = z.strictObject({
  request: z.record(z.string(), jsonSchema).describe("The body of the vendor's request"),
  model: z.string().min(1),
  provider: z.string().describe("OpenAI, Anthropic, Gemini, Google or Vertex"),
  version: z.string().nullable().optional().describe("Who wrote it; ignored"),
  parameters: names.default([]).describe("Names that occur as ${name} or {name} in messages"),
  response_type: z.enum(["Score", "Pydantic", "Null"]).default("Null")
    .describe("Score: a score and a reason, unless the request has another schema"),
});

/** A prompt as a file says it. */
export type PromptFile = z.infer<typeof promptFields>;

/** A prompt in its serialised form: with the body of the vendor's request. */
export type SerialisedPromptFile = z.infer<typeof serialisedPromptFields>;

const judgeFields = z.object({
  ...common,
  task_type: z.literal("LLMJudge"),
  prompt: z.union([
    promptFields,
    serialisedPromptFields,
    z.strictObject({ path: z.string() }),
  ]),
  context_path: path.describe("Where the value is in the answer"),
  max_retries: z.number().int().min(0).nullable().default(3),
  repeat: z.number().int().min(1).default(1).describe("How often the judge is asked"),
});

const task = z.discriminatedUnion("task_type", [
  assertionFields.extend({ task_type: z.literal("Assertion") }),
  judgeFields,
  traceFields,
  agentFields.extend({ task_type: z.literal("AgentAssertion") }),
]);

/** A task as a file says it. */
export type TaskFileEntry = z.infer<typeof task>;

/** Schema of one task. */
export const taskSchema: z.ZodType<TaskFileEntry> = task;

/** Schema of an assertion task without its type, as it occurs inside attribute filters. */
export const assertionTaskSchema: z.ZodType<z.infer<typeof assertionFields>> = assertionFields;

/** Schema of a prompt file. */
export const promptSchema: z.ZodType<PromptFile | SerialisedPromptFile> = z.union([
  promptFields,
  serialisedPromptFields,
]);

/** Schema of a task file: a list, or an object with the list under `tasks`. */
export const tasksFileSchema: z.ZodType<TaskFileEntry[] | { tasks: TaskFileEntry[] }> = z.union([
  z.array(task),
  z.object({ tasks: z.array(task) }),
]);
