import { fileSchema, type SchemaName } from "../../evaluate/files.ts";
import { parseCommandLine, textOption } from "../args.ts";
import { type CliIo, EXIT, type ExitCode, UsageError } from "../io.ts";

const NAMES: readonly SchemaName[] = ["tasks", "scenarios", "prompt"];

/**
 * Runs `scouter eval schema`.
 *
 * @param args what followed `schema`
 * @param io the world
 * @returns 0
 * @throws UsageError for an unknown kind
 */
export async function runSchema(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const parsed = parseCommandLine(args, { out: { type: "string" }, json: { type: "boolean" } });
  const name = NAMES.find((candidate) => candidate === parsed.positionals[0]);
  if (name === undefined || parsed.positionals.length > 1) {
    throw new UsageError(`name one kind of file: ${NAMES.join(", ")}`);
  }
  const text = `${JSON.stringify(fileSchema(name), null, 2)}\n`;
  const out = textOption(parsed, "out");
  if (out === undefined) io.stdout(text);
  else await io.writeText(out, text);
  return EXIT.ok;
}
