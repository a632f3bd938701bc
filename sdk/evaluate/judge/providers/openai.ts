import { EvaluationError } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";
import type { Prompt } from "../prompt.ts";
import { envOf, type ProviderAdapter, trimSlash } from "./types.ts";

function chatBody(prompt: Prompt, systemRole: "developer" | "system"): JsonObject {
  const content = (text: string) =>
    // Compatible servers often know plain text only.
    systemRole === "system" ? text : [{ type: "text", text }];
  const title = prompt.responseSchema?.title;
  return {
    model: prompt.model,
    ...prompt.settings,
    messages: [
      ...prompt.systemInstructions.map((text) => ({ role: systemRole, content: content(text) })),
      ...prompt.messages.map((text) => ({ role: "user", content: content(text) })),
    ],
    ...(prompt.responseSchema === null ? {} : {
      response_format: {
        type: "json_schema",
        json_schema: {
          name: typeof title === "string" ? title : "StructuredOutput",
          schema: prompt.responseSchema,
          strict: true,
        },
      },
    }),
  };
}

/** OpenAI's chat completions. */
export const openAi: ProviderAdapter = {
  body: (prompt) => chatBody(prompt, "developer"),
  call(_prompt, body, env, settings) {
    const key = settings.apiKey ?? envOf(env, "OPENAI_API_KEY");
    if (key === undefined) {
      return Promise.reject(
        new EvaluationError("NOT_CONFIGURED", "Judging with OpenAI needs OPENAI_API_KEY"),
      );
    }
    const base = settings.baseUrl ?? envOf(env, "OPENAI_API_URL", "OPENAI_BASE_URL") ??
      "https://api.openai.com/v1";
    return Promise.resolve({
      url: `${trimSlash(base)}/chat/completions`,
      headers: { authorization: `Bearer ${key}` },
      body,
    });
  },
};

/** Any server that speaks OpenAI's chat completions; a key is optional. */
export const openAiCompatible: ProviderAdapter = {
  body: (prompt) => chatBody(prompt, "system"),
  call(_prompt, body, env, settings) {
    const base = settings.baseUrl ??
      envOf(env, "OPENAI_COMPATIBLE_URL", "OPENAI_API_URL", "OPENAI_BASE_URL");
    if (base === undefined) {
      return Promise.reject(
        new EvaluationError(
          "NOT_CONFIGURED",
          "Judging with an OpenAI-compatible server needs its address in OPENAI_COMPATIBLE_URL",
        ),
      );
    }
    const key = settings.apiKey ?? envOf(env, "OPENAI_COMPATIBLE_API_KEY");
    return Promise.resolve({
      url: `${trimSlash(base)}/chat/completions`,
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
      body,
    });
  },
};
