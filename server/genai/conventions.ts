/**
 * How instrumentations name what the OpenTelemetry GenAI conventions call otherwise: earlier versions of the
 * conventions, OpenInference, OpenLLMetry and the AI SDK. One table, so that a change of theirs is one line here.
 *
 * @module
 */

/** Grows with every change of {@linkcode ATTRIBUTE_ALIASES}. Spans keep the reading of the version they came in under. */
export const CONVENTIONS_VERSION = 1;

/** Where a name comes from. */
export type Dialect = "opentelemetry" | "openinference" | "openllmetry" | "ai-sdk";

/** Columns that aliases fill. */
export type AliasedColumn =
  | "operation_name"
  | "provider_name"
  | "request_model"
  | "response_model"
  | "conversation_id"
  | "agent_name"
  | "tool_name"
  | "input_tokens"
  | "output_tokens"
  | "cache_creation_input_tokens"
  | "cache_read_input_tokens";

/** A span attribute that says what a GenAI attribute would. */
export interface AttributeAlias {
  readonly attribute: string;
  readonly column: AliasedColumn;
  readonly dialect: Dialect;
  /** Only counts beside this attribute: its own name is too common to mean anything alone. */
  readonly beside?: string;
  /** Values in the conventions' words, by lowercase value. */
  readonly values?: ReadonlyMap<string, string>;
  /** The value is JSON text of an object; its text member of this name counts. */
  readonly member?: string;
  /** Values that `values` does not list say nothing. */
  readonly listedOnly?: true;
}

const OPENINFERENCE_KIND = "openinference.span.kind";
const AI_SDK_OPERATION = "ai.operationId";

const PROVIDERS: ReadonlyMap<string, string> = new Map(Object.entries({
  "az.ai.inference": "azure.ai.inference",
  "az.ai.openai": "azure.ai.openai",
  "azure": "azure.ai.openai",
  "aws": "aws.bedrock",
  "bedrock": "aws.bedrock",
  "google": "gcp.gen_ai",
  "google_genai": "gcp.gen_ai",
  "gemini": "gcp.gemini",
  "vertexai": "gcp.vertex_ai",
  "vertex_ai": "gcp.vertex_ai",
  "mistralai": "mistral_ai",
  "mistral": "mistral_ai",
  "xai": "x_ai",
  "openai": "openai",
  "anthropic": "anthropic",
  "cohere": "cohere",
  "groq": "groq",
  "deepseek": "deepseek",
  "ollama": "ollama",
  // The AI SDK names a provider's API after a dot.
  "openai.chat": "openai",
  "openai.responses": "openai",
  "openai.completion": "openai",
  "openai.embedding": "openai",
  "azure.chat": "azure.ai.openai",
  "azure.responses": "azure.ai.openai",
  "azure-openai.chat": "azure.ai.openai",
  "anthropic.messages": "anthropic",
  "google.generative-ai": "gcp.gemini",
  "google.vertex.chat": "gcp.vertex_ai",
  "amazon-bedrock": "aws.bedrock",
  "mistral.chat": "mistral_ai",
  "cohere.chat": "cohere",
  "groq.chat": "groq",
  "deepseek.chat": "deepseek",
  "xai.chat": "x_ai",
}));

/** Of several that fill one column, the first that is there counts; the GenAI attribute itself always goes first. */
export const ATTRIBUTE_ALIASES: readonly AttributeAlias[] = [
  // Operations.
  {
    attribute: OPENINFERENCE_KIND,
    column: "operation_name",
    dialect: "openinference",
    values: new Map(Object.entries({
      llm: "chat",
      embedding: "embeddings",
      tool: "execute_tool",
      agent: "invoke_agent",
      retriever: "retrieval",
      reranker: "rerank",
    })),
    listedOnly: true,
  },
  {
    attribute: "llm.request.type",
    column: "operation_name",
    dialect: "openllmetry",
    values: new Map(Object.entries({
      chat: "chat",
      completion: "text_completion",
      embedding: "embeddings",
      rerank: "rerank",
    })),
    listedOnly: true,
  },
  {
    attribute: "traceloop.span.kind",
    column: "operation_name",
    dialect: "openllmetry",
    values: new Map(Object.entries({ agent: "invoke_agent", tool: "execute_tool" })),
    listedOnly: true,
  },
  {
    attribute: AI_SDK_OPERATION,
    column: "operation_name",
    dialect: "ai-sdk",
    values: new Map(Object.entries({
      "ai.generatetext.dogenerate": "chat",
      "ai.streamtext.dostream": "chat",
      "ai.generateobject.dogenerate": "chat",
      "ai.streamobject.dostream": "chat",
      "ai.embed.doembed": "embeddings",
      "ai.embedmany.doembed": "embeddings",
      "ai.toolcall": "execute_tool",
    })),
    listedOnly: true,
  },
  // Providers.
  {
    attribute: "gen_ai.system",
    column: "provider_name",
    dialect: "opentelemetry",
    values: PROVIDERS,
  },
  {
    attribute: "llm.provider",
    column: "provider_name",
    dialect: "openinference",
    values: PROVIDERS,
  },
  { attribute: "llm.system", column: "provider_name", dialect: "openinference", values: PROVIDERS },
  {
    attribute: "metadata",
    column: "provider_name",
    dialect: "openinference",
    beside: OPENINFERENCE_KIND,
    member: "ls_provider",
    values: PROVIDERS,
  },
  // Models.
  { attribute: "llm.model_name", column: "request_model", dialect: "openinference" },
  {
    // Of a call that failed there is no answer to name the model.
    attribute: "llm.invocation_parameters",
    column: "request_model",
    dialect: "openinference",
    member: "model",
  },
  { attribute: "embedding.model_name", column: "request_model", dialect: "openinference" },
  { attribute: "reranker.model_name", column: "request_model", dialect: "openinference" },
  { attribute: "ai.model.id", column: "request_model", dialect: "ai-sdk" },
  { attribute: "ai.response.model", column: "response_model", dialect: "ai-sdk" },
  // Tokens.
  {
    attribute: "gen_ai.usage.prompt_tokens",
    column: "input_tokens",
    dialect: "opentelemetry",
  },
  {
    attribute: "gen_ai.usage.completion_tokens",
    column: "output_tokens",
    dialect: "opentelemetry",
  },
  { attribute: "llm.token_count.prompt", column: "input_tokens", dialect: "openinference" },
  { attribute: "llm.token_count.completion", column: "output_tokens", dialect: "openinference" },
  { attribute: "llm.usage.prompt_tokens", column: "input_tokens", dialect: "openllmetry" },
  { attribute: "llm.usage.completion_tokens", column: "output_tokens", dialect: "openllmetry" },
  { attribute: "ai.usage.inputTokens", column: "input_tokens", dialect: "ai-sdk" },
  { attribute: "ai.usage.promptTokens", column: "input_tokens", dialect: "ai-sdk" },
  { attribute: "ai.usage.outputTokens", column: "output_tokens", dialect: "ai-sdk" },
  { attribute: "ai.usage.completionTokens", column: "output_tokens", dialect: "ai-sdk" },
  {
    attribute: "gen_ai.usage.cache_read_input_tokens",
    column: "cache_read_input_tokens",
    dialect: "openllmetry",
  },
  {
    attribute: "gen_ai.usage.cache_creation_input_tokens",
    column: "cache_creation_input_tokens",
    dialect: "openllmetry",
  },
  {
    attribute: "llm.token_count.prompt_details.cache_read",
    column: "cache_read_input_tokens",
    dialect: "openinference",
  },
  {
    attribute: "llm.token_count.prompt_details.cache_write",
    column: "cache_creation_input_tokens",
    dialect: "openinference",
  },
  {
    attribute: "ai.usage.cachedInputTokens",
    column: "cache_read_input_tokens",
    dialect: "ai-sdk",
  },
  // Conversations, agents, tools.
  {
    attribute: "session.id",
    column: "conversation_id",
    dialect: "openinference",
    beside: OPENINFERENCE_KIND,
  },
  {
    attribute: "traceloop.association.properties.session_id",
    column: "conversation_id",
    dialect: "openllmetry",
  },
  {
    attribute: "traceloop.association.properties.thread_id",
    column: "conversation_id",
    dialect: "openllmetry",
  },
  {
    attribute: "agent.name",
    column: "agent_name",
    dialect: "openinference",
    beside: OPENINFERENCE_KIND,
  },
  {
    attribute: "tool.name",
    column: "tool_name",
    dialect: "openinference",
    beside: OPENINFERENCE_KIND,
  },
  { attribute: "ai.toolCall.name", column: "tool_name", dialect: "ai-sdk" },
];
