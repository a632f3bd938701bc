import type { Finding } from "./findings.ts";

/** GitHub shows ten annotations of a kind per step. */
const SHOWN = 10;

/**
 * Workflow commands that GitHub turns into annotations.
 *
 * @param findings the checks; only failed and unmeasured ones are told
 * @returns lines, ending with a newline; empty when all is well
 * @example
 * ```ts
 * import { githubAnnotations } from "./github.ts";
 *
 * githubAnnotations([
 *   { group: "q1", name: "short", status: "failed", message: "too long", durationMs: 0 },
 * ]); // "::error title=q1 › short::too long\n"
 * ```
 */
export function githubAnnotations(findings: readonly Finding[]): string {
  const lines: string[] = [];
  for (const [status, command] of [["failed", "error"], ["unmeasured", "warning"]] as const) {
    const meant = findings.filter((finding) => finding.status === status);
    for (const finding of meant.slice(0, SHOWN)) {
      const title = escapeProperty(`${finding.group} › ${finding.name}`);
      lines.push(`::${command} title=${title}::${escapeData(finding.message)}\n`);
    }
    if (meant.length > SHOWN) {
      lines.push(`::notice::${meant.length - SHOWN} more checks ${status}\n`);
    }
  }
  return lines.join("");
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
