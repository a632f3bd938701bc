/**
 * What files say: JSON, JSON Lines and YAML text as data.
 *
 * @module
 */

import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { EvaluationError } from "./errors.ts";
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from "./json.ts";
import { type EvalSubject, parseRecord } from "./record.ts";
import { promptSchema, tasksFileSchema } from "./tasks/schema.ts";
import { scenariosFileSchema } from "./scenarios/scenario.ts";

/**
 * Reads a file's text by the end of its name: `.json`, `.jsonl`, `.ndjson`, `.yaml`, `.yml`.
 *
 * @param text the text
 * @param name the file's name, for its ending and for messages
 * @returns data; for JSON Lines a list
 * @throws EvaluationError `INVALID_FILE` that names file and line
 * @example
 * ```ts
 * import { parseText } from "./files.ts";
 *
 * parseText("- id: a\n- id: b\n", "tasks.yaml"); // [{ id: "a" }, { id: "b" }]
 * ```
 */
export function parseText(text: string, name: string): unknown {
  const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  try {
    switch (ending) {
      case "json":
        return JSON.parse(text) as unknown;
      case "yaml":
      case "yml":
        return parseYaml(text) as unknown;
      case "jsonl":
      case "ndjson":
        break;
      default:
        throw new EvaluationError(
          "INVALID_FILE",
          `${name}: use a name that ends in .json, .jsonl, .yaml or .yml`,
        );
    }
  } catch (error) {
    if (error instanceof EvaluationError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new EvaluationError("INVALID_FILE", `${name}: ${reason}`, { cause: error });
  }
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    try {
      return [JSON.parse(line) as unknown];
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new EvaluationError("INVALID_FILE", `${name}:${index + 1}: ${reason}`, {
        cause: error,
      });
    }
  });
}

/**
 * Reads records: a list, or an object with the list under `records`.
 *
 * @param data what the file says
 * @param source for error messages
 * @returns the records
 * @throws EvaluationError `INVALID_FILE` that names the record
 * @example
 * ```ts
 * import { parseRecords } from "./files.ts";
 *
 * parseRecords([{ id: "q1", context: { answer: "42" } }]).length; // 1
 * ```
 */
export function parseRecords(data: unknown, source = "records"): readonly EvalSubject[] {
  const list = isJsonObject(data) ? data.records : data as JsonValue;
  if (!isJsonArray(list)) {
    throw new EvaluationError(
      "INVALID_FILE",
      `${source}: expected a list of records, or an object with a list under "records"`,
    );
  }
  return list.map((entry, index) => parseRecord(entry, `${source}[${index}]`));
}

/** The kinds of files that have a JSON Schema. */
export type SchemaName = "tasks" | "scenarios" | "prompt";

/**
 * The JSON Schema (2020-12) of a kind of file, for editors and validators.
 *
 * @param name which kind
 * @returns the schema
 * @example
 * ```ts
 * import { fileSchema } from "./files.ts";
 *
 * fileSchema("tasks").$schema; // "https://json-schema.org/draft/2020-12/schema"
 * ```
 */
export function fileSchema(name: SchemaName): JsonObject {
  const schemas = { tasks: tasksFileSchema, scenarios: scenariosFileSchema, prompt: promptSchema };
  return {
    title: `scouter ${name} file`,
    // Shared parts once, under $defs: written out each time, they would be mostly repetition.
    ...z.toJSONSchema(schemas[name], {
      io: "input",
      unrepresentable: "any",
      reused: "ref",
    }) as JsonObject,
  };
}
