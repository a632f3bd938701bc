import { type CliCommand, UsageError } from "./io.ts";

/** `scouter eval`: run, compare, plan, schema. */
export const evalCommand: CliCommand = {
  summary: "evaluate agents and models offline: run, compare, plan, schema",
  help: "Usage: scouter eval <run|compare|plan|schema> [options]\n",
  run() {
    throw new UsageError("no sub-command was given; use run, compare, plan or schema");
  },
};
