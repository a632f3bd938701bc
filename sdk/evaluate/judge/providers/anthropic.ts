import { EvaluationError } from "../../errors.ts";
import { envOf, type ProviderAdapter, trimSlash } from "./types.ts";

/** Anthropic's Messages API insists on a limit. */
const DEFAULT_MAX_TOKENS = 4096;

/** Anthropic's messages. */
export const anthropic: ProviderAdapter = {
  body: (prompt) => ({
    model: prompt.model,
    max_tokens: DEFAULT_MAX_TOKENS,
    stream: false,
    ...prompt.settings,
    ...(prompt.systemInstructions.length === 0
      ? {}
      : { system: prompt.systemInstructions.map((text) => ({ type: "text", text })) }),
    messages: prompt.messages.map((text) => ({
      role: "user",
      content: [{ type: "text", text }],
    })),
    ...(prompt.responseSchema === null
      ? {}
      : { output_format: { type: "json_schema", schema: prompt.responseSchema } }),
  }),
  call(prompt, body, env, settings) {
    const key = settings.apiKey ?? envOf(env, "ANTHROPIC_API_KEY");
    if (key === undefined) {
      return Promise.reject(
        new EvaluationError("NOT_CONFIGURED", "Judging with Anthropic needs ANTHROPIC_API_KEY"),
      );
    }
    const base = settings.baseUrl ?? envOf(env, "ANTHROPIC_API_URL") ??
      "https://api.anthropic.com/v1";
    return Promise.resolve({
      url: `${trimSlash(base)}/messages`,
      headers: {
        "x-api-key": key,
        "anthropic-version": "2023-06-01",
        ...(prompt.responseSchema === null
          ? {}
          : { "anthropic-beta": "structured-outputs-2025-11-13" }),
      },
      body,
    });
  },
};
