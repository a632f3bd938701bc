import { binPlot, controlChart, escapeHtml, windowPlot } from "./svg.ts";
import { detail, summaryOf } from "./text.ts";
import type { DriftReport, PsiFeatureReport, SpcFeatureReport } from "./types.ts";

const STYLE = `
:root{color-scheme:light dark;--fg:#1c2024;--bg:#fff;--soft:#8b949e;--base:#9aa5b1;--new:#2563eb;--bad:#c2410c;--good:#15803d}
@media(prefers-color-scheme:dark){:root{--fg:#e6e8ea;--bg:#16181b;--base:#5b6670;--new:#7aa2ff;--bad:#fb923c;--good:#4ade80}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg);max-width:60rem;margin:2rem auto;padding:0 1rem}
section{border-top:1px solid var(--base);padding:.6rem 0}h2{font-size:1.05rem;margin:.2rem 0}
.drifted{color:var(--bad)}.stable{color:var(--good)}.unmeasured{color:var(--soft)}
.plots{display:flex;flex-wrap:wrap;gap:1rem}figure{margin:0;flex:1 1 20rem}figcaption{font-size:.85rem}
svg{width:100%;height:auto;background:color-mix(in srgb,var(--base) 10%,transparent)}
.base{fill:var(--base)}.new{fill:var(--new)}.limit{stroke:var(--bad);stroke-dasharray:4 3}.inner{stroke:var(--soft);stroke-dasharray:1 4}
.center{stroke:var(--soft)}.path{fill:none;stroke:var(--base)}circle.bad{fill:var(--bad)}circle.good{fill:var(--good)}`;

/**
 * A drift report as one HTML page that needs nothing else: styles and plots are in it, there is no script, and every
 * name from the data is escaped.
 *
 * @param report the report
 * @returns the page
 * @example
 * ```ts
 * import { createDriftReport, createPsiProfile, renderDriftHtml } from "../mod.ts";
 *
 * const x = { x: Float64Array.from({ length: 1000 }, (_, i) => i) };
 * renderDriftHtml(createDriftReport(x, createPsiProfile(x)));
 * ```
 */
export function renderDriftHtml(report: DriftReport): string {
  const title = escapeHtml(
    `${report.kind} drift: ${report.space}/${report.name}/${report.version}`,
  );
  const rank = { drifted: 0, unmeasured: 1, stable: 2 } as const;
  const sections = report.features.toSorted((a, b) => rank[a.status] - rank[b.status]).map(section);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title><style>${STYLE}</style></head>
<body><h1>${title}</h1>
<p>${escapeHtml(summaryOf(report))}; ${report.rowCount} rows, ${escapeHtml(report.createdAt)}.</p>
${sections.join("\n")}
</body></html>
`;
}

function section(feature: PsiFeatureReport | SpcFeatureReport): string {
  return `<section><h2>${escapeHtml(feature.feature)} <span class="${feature.status}">` +
    `${feature.status}</span></h2><p>${escapeHtml(detail(feature))}</p>` +
    `<div class="plots">${plots(feature)}</div></section>`;
}

function plots(feature: PsiFeatureReport | SpcFeatureReport): string {
  if (feature.kind === "Spc") {
    return figure(controlChart(feature), "Sample means; dashed: three-sigma limits");
  }
  const bins = figure(
    binPlot(feature.feature, feature.bins),
    "Share per bin: grey baseline, blue new data",
  );
  return feature.windows.length < 2 ? bins : bins +
    figure(windowPlot(feature.feature, feature.windows), "PSI over time; dashed: threshold");
}

function figure(plot: string, caption: string): string {
  return `<figure>${plot}<figcaption>${caption}</figcaption></figure>`;
}
