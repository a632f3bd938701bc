/**
 * Answers in a JSON Lines file; apart from the core, because it needs a file system.
 *
 * @module
 */

import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { EvaluationError } from "../errors.ts";
import { isJsonObject, type JsonValue } from "../json.ts";
import type { JudgeStore, StoredAnswer } from "./store.ts";

/**
 * Keeps answers in a file, one line each, so that recordings can be read and reviewed.
 *
 * @example
 * ```ts ignore
 * import { FileJudgeStore } from "./file_store.ts";
 *
 * const store = new FileJudgeStore("recordings/judge.jsonl");
 * ```
 */
export class FileJudgeStore implements JudgeStore {
  readonly #path: string;
  #answers: Promise<Map<string, StoredAnswer>> | undefined;
  #writing: Promise<void> = Promise.resolve();

  /**
   * Makes a store.
   *
   * @param path the file; made when the first answer is kept
   */
  constructor(path: string) {
    this.#path = path;
  }

  /** The answer to a question, if it is known. */
  async get(key: string): Promise<StoredAnswer | undefined> {
    return (await this.#load()).get(key);
  }

  /** Keeps an answer; resolves when it is in the file. */
  async set(key: string, answer: StoredAnswer): Promise<void> {
    (await this.#load()).set(key, answer);
    const line = `${JSON.stringify({ key, response: answer.response })}\n`;
    // One line after the other; a failed one does not keep later ones from being tried.
    const writing = this.#writing.catch(() => undefined).then(async () => {
      await mkdir(dirname(this.#path), { recursive: true });
      await appendFile(this.#path, line);
    });
    this.#writing = writing;
    await writing;
  }

  #load(): Promise<Map<string, StoredAnswer>> {
    return this.#answers ??= this.#read();
  }

  async #read(): Promise<Map<string, StoredAnswer>> {
    let text: string;
    try {
      text = await readFile(this.#path, "utf8");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return new Map();
      throw error;
    }
    const answers = new Map<string, StoredAnswer>();
    const lines = text.split("\n");
    lines.forEach((line, index) => {
      if (line.trim() === "") return;
      let entry: JsonValue;
      try {
        entry = JSON.parse(line) as JsonValue;
      } catch (error) {
        // The last line may be half written after a crash: that answer is simply not kept.
        if (index === lines.length - 1) return;
        throw new EvaluationError("INVALID_FILE", `${this.#path}:${index + 1}: not JSON`, {
          cause: error,
        });
      }
      if (isJsonObject(entry) && typeof entry.key === "string" && entry.response !== undefined) {
        answers.set(entry.key, { response: entry.response });
      }
    });
    return answers;
  }
}
