import { EvaluationError } from "../../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { Prompt } from "../prompt.ts";
import { serviceAccountToken } from "./google_auth.ts";
import {
  type Env,
  envOf,
  type ProviderAdapter,
  type ProviderSettings,
  trimSlash,
} from "./types.ts";

/** Members of `generationConfig` that Google documents. */
const GENERATION_KEYS: ReadonlySet<string> = new Set([
  "audioTimestamp",
  "candidateCount",
  "enableEnhancedCivicAnswers",
  "frequencyPenalty",
  "logprobs",
  "maxOutputTokens",
  "mediaResolution",
  "presencePenalty",
  "responseLogprobs",
  "responseModalities",
  "routingConfig",
  "seed",
  "speechConfig",
  "stopSequences",
  "temperature",
  "thinkingConfig",
  "topK",
  "topP",
]);
/** Members of the request beside it. */
const REQUEST_KEYS: ReadonlySet<string> = new Set([
  "cachedContent",
  "labels",
  "modelArmorConfig",
  "safetySettings",
  "toolConfig",
  "tools",
]);

function camel(key: string): string {
  return key.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

/** Settings in either spelling, each where Google wants it; an unknown one is refused. */
function sortSettings(settings: JsonObject): { request: JsonObject; generation: JsonObject } {
  const request: Record<string, JsonValue> = {};
  const generation: Record<string, JsonValue> = {};
  const place = (key: string, value: JsonValue): void => {
    const name = camel(key);
    if (GENERATION_KEYS.has(name)) generation[name] = value;
    else if (REQUEST_KEYS.has(name)) request[name] = value;
    else {
      throw new EvaluationError(
        "INVALID_TASK",
        `Gemini has no setting "${key}"; known are ` +
          [...GENERATION_KEYS, ...REQUEST_KEYS].join(", "),
      );
    }
  };
  for (const [key, value] of Object.entries(settings)) {
    if (camel(key) === "generationConfig" && isJsonObject(value)) {
      for (const [inner, item] of Object.entries(value)) place(inner, item);
    } else place(key, value);
  }
  return { request, generation };
}

function body(prompt: Prompt): JsonObject {
  const { request, generation } = sortSettings(prompt.settings);
  const config = prompt.responseSchema === null ? generation : {
    ...generation,
    responseMimeType: "application/json",
    responseJsonSchema: prompt.responseSchema,
  };
  return {
    ...request,
    contents: prompt.messages.map((text) => ({ role: "user", parts: [{ text }] })),
    ...(prompt.systemInstructions.length === 0 ? {} : {
      systemInstruction: { parts: prompt.systemInstructions.map((text) => ({ text })) },
    }),
    ...(Object.keys(config).length === 0 ? {} : { generationConfig: config }),
  };
}

async function credentials(
  env: Env,
  settings: ProviderSettings,
): Promise<Readonly<Record<string, string>>> {
  if (settings.accessToken !== undefined) {
    return { authorization: `Bearer ${await settings.accessToken()}` };
  }
  const key = settings.apiKey ?? envOf(env, "GEMINI_API_KEY", "GOOGLE_API_KEY");
  if (key !== undefined) return { "x-goog-api-key": key };
  const account = envOf(env, "GOOGLE_ACCOUNT_JSON_BASE64");
  if (account !== undefined) {
    return { authorization: `Bearer ${await serviceAccountToken(account)}` };
  }
  const file = envOf(env, "GOOGLE_APPLICATION_CREDENTIALS");
  if (file !== undefined && settings.readText !== undefined) {
    const text = new TextEncoder().encode(await settings.readText(file));
    const encoded = btoa(String.fromCharCode(...text));
    return { authorization: `Bearer ${await serviceAccountToken(encoded)}` };
  }
  throw new EvaluationError(
    "NOT_CONFIGURED",
    "Judging with Google needs GEMINI_API_KEY, GOOGLE_API_KEY or GOOGLE_ACCOUNT_JSON_BASE64",
  );
}

/** The Gemini API. */
export const gemini: ProviderAdapter = {
  body,
  async call(prompt, content, env, settings) {
    const version = envOf(env, "GOOGLE_API_VERSION") ?? "v1beta";
    const base = settings.baseUrl ?? envOf(env, "GEMINI_API_URL") ??
      `https://generativelanguage.googleapis.com/${version}/models`;
    return {
      url: `${trimSlash(base)}/${prompt.model}:generateContent`,
      headers: await credentials(env, settings),
      body: content,
    };
  },
};

/** Gemini models on Vertex AI. */
export const vertex: ProviderAdapter = {
  body,
  async call(prompt, content, env, settings) {
    let base = settings.baseUrl ?? envOf(env, "GEMINI_API_URL");
    if (base === undefined) {
      const project = envOf(env, "GOOGLE_CLOUD_PROJECT");
      if (project === undefined) {
        throw new EvaluationError(
          "NOT_CONFIGURED",
          "Judging with Vertex AI needs GOOGLE_CLOUD_PROJECT",
        );
      }
      const location = envOf(env, "GOOGLE_CLOUD_LOCATION") ?? "us-central1";
      const version = envOf(env, "GOOGLE_API_VERSION") ?? "v1beta1";
      base = `https://${location}-aiplatform.googleapis.com/${version}/projects/${project}` +
        `/locations/${location}/publishers/google/models`;
    }
    return {
      url: `${trimSlash(base)}/${prompt.model}:generateContent`,
      headers: await credentials(env, settings),
      body: content,
    };
  },
};
