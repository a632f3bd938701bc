/**
 * A model provider that speaks OpenAI's chat completions and always says the same: first it calls the tool `weather`,
 * given the tool's result it answers, and `broken-model` fails.
 *
 * @module
 */

import { createServer } from "node:http";

/** A running provider. */
export interface FakeProvider extends AsyncDisposable {
  /** What clients call the base URL. */
  readonly baseUrl: string;
}

interface ChatRequest {
  readonly model?: string;
  readonly messages?: readonly { readonly role?: string }[];
}

function answer({ model, messages }: ChatRequest): { status: number; json: unknown } {
  if (model === "broken-model") {
    const error = {
      message: "The model broken-model is broken",
      type: "invalid_request_error",
      code: "model_broken",
    };
    return { status: 400, json: { error } };
  }
  const isAnswer = messages?.at(-1)?.role === "tool";
  const message = isAnswer ? { content: "It is 4 degrees." } : {
    content: null,
    tool_calls: [{
      id: "call_1",
      type: "function",
      function: { name: "weather", arguments: '{"city":"Oslo"}' },
    }],
  };
  const [prompt, completion, cached] = isAnswer ? [40, 8, 16] : [20, 10, 0];
  return {
    status: 200,
    json: {
      id: isAnswer ? "chatcmpl-2" : "chatcmpl-1",
      object: "chat.completion",
      created: 1_767_607_200,
      model: "gpt-4o-mini-2024-07-18",
      choices: [{
        index: 0,
        finish_reason: isAnswer ? "stop" : "tool_calls",
        logprobs: null,
        message: { role: "assistant", refusal: null, ...message },
      }],
      usage: {
        prompt_tokens: prompt,
        completion_tokens: completion,
        total_tokens: prompt + completion,
        prompt_tokens_details: { cached_tokens: cached },
      },
      service_tier: "default",
    },
  };
}

/** Starts the provider on a free port. */
export async function startFakeProvider(): Promise<FakeProvider> {
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk) => body += chunk);
    request.on("end", () => {
      const { status, json } = answer(JSON.parse(body));
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(json));
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    [Symbol.asyncDispose]: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
