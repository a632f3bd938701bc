/**
 * Remembers played scenarios in a JSON Lines file; apart from the core, because it needs a file
 * system.
 *
 * @module
 */

import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { isJsonArray, isJsonObject, type JsonValue, toJsonValue } from "../json.ts";
import { parseRecord } from "../record.ts";
import type { EvalSpan } from "../trace/types.ts";
import type { ScenarioCheckpoint } from "./orchestrator.ts";
import type { Exchange, PlayedScenario } from "./runner.ts";

/**
 * A checkpoint in a file. Delete the file to begin anew.
 *
 * @example
 * ```ts ignore
 * import { FileScenarioCheckpoint } from "./file_checkpoint.ts";
 *
 * const checkpoint = new FileScenarioCheckpoint(".eval/run.jsonl");
 * ```
 */
export class FileScenarioCheckpoint implements ScenarioCheckpoint {
  readonly #path: string;

  /**
   * Makes a checkpoint.
   *
   * @param path the file; made when the first scenario is done
   */
  constructor(path: string) {
    this.#path = path;
  }

  /** What was played before. A half-written last line is not counted. */
  async load(): Promise<ReadonlyMap<string, PlayedScenario>> {
    const played = new Map<string, PlayedScenario>();
    let text: string;
    try {
      text = await readFile(this.#path, "utf8");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return played;
      throw error;
    }
    const end = text.lastIndexOf("\n");
    for (const line of text.slice(0, Math.max(0, end)).split("\n")) {
      if (line.trim() === "") continue;
      const entry = JSON.parse(line) as JsonValue;
      if (isJsonObject(entry) && typeof entry.scenario_id === "string") {
        played.set(entry.scenario_id, revive(entry));
      }
    }
    return played;
  }

  /** Remembers one. */
  async save(scenarioId: string, played: PlayedScenario): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true });
    const { captured } = played;
    const records = Object.fromEntries(
      Object.entries(captured.records).map(([alias, list]) => [
        alias,
        list.map((record) => ({
          uid: record.uid,
          record_id: record.recordId,
          session_id: record.sessionId,
          created_at: record.createdAt.toISOString(),
          trace_id: record.traceId,
          tags: record.tags,
          context: toJsonValue(record.context),
        })),
      ]),
    );
    const entry = {
      scenario_id: scenarioId,
      response: toJsonValue(played.response),
      history: toJsonValue(played.history),
      records,
      spans: captured.spans,
      dropped_spans: captured.droppedSpans,
      ...(played.error === undefined ? {} : { error: played.error }),
    };
    await appendFile(this.#path, `${JSON.stringify(entry)}\n`);
  }
}

function revive(entry: { readonly [key: string]: JsonValue }): PlayedScenario {
  const { records, spans, history, response, error, dropped_spans: dropped } = entry;
  return {
    response: response ?? null,
    history: (isJsonArray(history) ? history : []) as unknown as readonly Exchange[],
    captured: {
      records: Object.fromEntries(
        Object.entries(isJsonObject(records) ? records : {}).map(([alias, list]) => [
          alias,
          (isJsonArray(list) ? list : []).map((record) => parseRecord(record, alias)),
        ]),
      ),
      spans: (isJsonArray(spans) ? spans : []) as unknown as readonly EvalSpan[],
      droppedSpans: typeof dropped === "number" ? dropped : 0,
    },
    ...(typeof error === "string" ? { error } : {}),
  };
}
