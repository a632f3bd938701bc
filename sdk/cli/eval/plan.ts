import { buildPlan } from "../../evaluate/plan/plan.ts";
import { planAsMermaid, planAsText } from "../../evaluate/plan/render.ts";
import { parseCommandLine } from "../args.ts";
import { type CliIo, EXIT, type ExitCode, UsageError } from "../io.ts";
import { asUsage, loadTasks } from "./load.ts";

/**
 * Runs `scouter eval plan`.
 *
 * @param args what followed `plan`
 * @param io the world
 * @returns 0
 * @throws UsageError when the tasks cannot be planned
 */
export async function runPlan(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const parsed = parseCommandLine(args, {
    mermaid: { type: "boolean" },
    json: { type: "boolean" },
  });
  const [path, extra] = parsed.positionals;
  if (path === undefined || extra !== undefined) throw new UsageError("one task file is needed");
  const tasks = await loadTasks(io, path);
  io.stdout(asUsage(() => {
    if (parsed.values.json === true) return `${JSON.stringify(buildPlan(tasks))}\n`;
    return parsed.values.mermaid === true ? planAsMermaid(tasks) : planAsText(tasks);
  }));
  return EXIT.ok;
}
