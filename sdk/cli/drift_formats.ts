import { detail } from "../drift/report/text.ts";
import type { DriftReport } from "../drift/mod.ts";

/** A drift report as JUnit XML: one test case per feature; unmeasured features are errors. */
export function driftJunit(report: DriftReport): string {
  const suite = `drift ${report.space}/${report.name}/${report.version}`;
  const count = (status: string) => report.features.filter((f) => f.status === status).length;
  const cases = report.features.map((feature) => {
    const open = `  <testcase classname="${xml(suite)}" name="${xml(feature.feature)}"`;
    const message = xml(detail(feature));
    if (feature.status === "drifted") return `${open}><failure message="${message}"/></testcase>`;
    if (feature.status === "unmeasured") return `${open}><error message="${message}"/></testcase>`;
    return `${open}/>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="${xml(suite)}" tests="${report.features.length}" failures="${
      count("drifted")
    }" ` +
    `errors="${count("unmeasured")}" timestamp="${report.createdAt}">`,
    ...cases,
    "</testsuite>",
    "",
  ].join("\n");
}

/** A drift report as GitHub workflow commands: an error per drifted feature, a warning per unmeasured one. */
export function driftAnnotations(report: DriftReport): string {
  return report.features.filter((feature) => feature.status !== "stable").map((feature) => {
    const command = feature.status === "drifted" ? "error" : "warning";
    return `::${command} title=${property(`Drift: ${feature.feature}`)}::${
      data(detail(feature))
    }\n`;
  }).join("");
}

function xml(text: string): string {
  // Control characters are not allowed in XML 1.0, not even escaped.
  return [...text].map((char) => {
    const code = char.codePointAt(0) ?? 0;
    if (code < 0x20 && code !== 9 && code !== 10 && code !== 13) return "\uFFFD";
    return /[&<>"']/.test(char) || code < 0x20 ? `&#${code};` : char;
  }).join("");
}

function data(text: string): string {
  return text.replace(/[%\r\n]/g, (char) => encodeURIComponent(char));
}

function property(text: string): string {
  return text.replace(/[%\r\n:,]/g, (char) => encodeURIComponent(char));
}
