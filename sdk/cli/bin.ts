#!/usr/bin/env node
/**
 * Runs the `scouter` command with the arguments of this process.
 *
 * @module
 */

import process from "node:process";
import { runCli } from "./main.ts";
import { processIo } from "./process_io.ts";

process.exitCode = await runCli(process.argv.slice(2), processIo());
