import type { ParseArgsOptionsConfig } from "node:util";
import { resolve } from "node:path";
import { FileJudgeStore } from "../../evaluate/judge/file_store.ts";
import { type JudgeMode, LlmJudge, type ModelPrice } from "../../evaluate/judge/llm_judge.ts";
import { isJsonObject, type JsonValue } from "../../evaluate/json.ts";
import { numberOption, type ParsedArgs, textOption, wordOption } from "../args.ts";
import { type CliIo, UsageError } from "../io.ts";
import { loadData } from "./load.ts";

/** Options that tell how judges are asked. */
export const JUDGE_OPTIONS: ParseArgsOptionsConfig = {
  "judge-mode": { type: "string" },
  "judge-store": { type: "string" },
  "judge-rpm": { type: "string" },
  "judge-timeout-ms": { type: "string" },
  prices: { type: "string" },
  concurrency: { type: "string" },
};

const MODES: readonly JudgeMode[] = ["live", "cache", "record", "replay"];

/**
 * Makes the judge that a command line asks for.
 *
 * @param io the world
 * @param args the command line
 * @returns the judge; it needs keys only when it is asked
 * @throws UsageError
 */
export async function judgeOf(io: CliIo, args: ParsedArgs): Promise<LlmJudge> {
  const mode = wordOption(args, "judge-mode", MODES);
  const path = textOption(args, "judge-store");
  if (mode !== undefined && mode !== "live" && path === undefined) {
    throw new UsageError(`--judge-mode ${mode} needs --judge-store`);
  }
  const concurrency = numberOption(args, "concurrency", { min: 1, max: 1000 });
  const requestsPerMinute = numberOption(args, "judge-rpm", { min: 1, max: 1e6 });
  const timeoutMs = numberOption(args, "judge-timeout-ms", { min: 1, max: 3.6e6 });
  const pricesPath = textOption(args, "prices");
  return new LlmJudge({
    env: io.env,
    providers: {
      gemini: { readText: (file) => io.readText(file) },
      vertex: { readText: (file) => io.readText(file) },
    },
    ...(mode === undefined ? {} : { mode }),
    ...(path === undefined ? {} : { store: new FileJudgeStore(resolve(io.cwd, path)) }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(pricesPath === undefined ? {} : { prices: await prices(io, pricesPath) }),
  });
}

async function prices(io: CliIo, path: string): Promise<Readonly<Record<string, ModelPrice>>> {
  const data = await loadData(io, path) as JsonValue;
  if (!isJsonObject(data)) throw new UsageError(`${path}: expected prices by model`);
  return Object.fromEntries(
    Object.entries(data).map(([model, price]) => {
      const input = isJsonObject(price) ? price.input_per_million_usd : undefined;
      const output = isJsonObject(price) ? price.output_per_million_usd : undefined;
      if (typeof input !== "number" || typeof output !== "number") {
        throw new UsageError(
          `${path}: "${model}" needs input_per_million_usd and output_per_million_usd`,
        );
      }
      return [model, { inputPerMillionUsd: input, outputPerMillionUsd: output }];
    }),
  );
}
