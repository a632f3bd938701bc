import type { Finding } from "./findings.ts";

/**
 * A JUnit XML report, as CI systems read it: failed checks are failures, unmeasured ones errors,
 * gated ones skipped.
 *
 * @param name what was run
 * @param findings the checks
 * @returns the document
 * @example
 * ```ts
 * import { junitXml } from "./junit.ts";
 *
 * junitXml("eval", [
 *   { group: "q1", name: "short", status: "passed", message: "", durationMs: 2 },
 * ]);
 * ```
 */
export function junitXml(name: string, findings: readonly Finding[]): string {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const group = groups.get(finding.group);
    if (group === undefined) groups.set(finding.group, [finding]);
    else group.push(finding);
  }
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>'];
  lines.push(`<testsuites name="${escapeXml(name)}" ${counts(findings)}>`);
  for (const [group, list] of groups) {
    lines.push(`  <testsuite name="${escapeXml(group)}" ${counts(list)}>`);
    for (const finding of list) lines.push(...testCase(finding));
    lines.push("  </testsuite>");
  }
  lines.push("</testsuites>", "");
  return lines.join("\n");
}

function counts(findings: readonly Finding[]): string {
  const of = (status: Finding["status"]): number =>
    findings.filter((finding) => finding.status === status).length;
  return `tests="${findings.length}" failures="${of("failed")}" errors="${of("unmeasured")}" ` +
    `skipped="${of("skipped")}"`;
}

function testCase(finding: Finding): readonly string[] {
  const head = `    <testcase classname="${escapeXml(finding.group)}" ` +
    `name="${escapeXml(finding.name)}" time="${(finding.durationMs / 1000).toFixed(3)}"`;
  if (finding.status === "passed") return [`${head}/>`];
  const tag = { failed: "failure", unmeasured: "error", skipped: "skipped" }[finding.status];
  return [
    `${head}>`,
    `      <${tag} message="${escapeXml(finding.message)}"/>`,
    "    </testcase>",
  ];
}

/** XML 1.0 has no place for most control characters, not even escaped. */
// deno-lint-ignore no-control-regex -- these are the characters that must not appear
const FORBIDDEN = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;

function escapeXml(text: string): string {
  return text.replace(FORBIDDEN, "\ufffd")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;").replaceAll("\n", "&#10;").replaceAll("\r", "&#13;");
}
