import type { Compatibility } from "./compatibility.ts";
import { DriftError } from "./error.ts";

/** A zone of a control chart; `NotApplicable` for a trend. */
export type AlertZone = "Zone1" | "Zone2" | "Zone3" | "Zone4" | "NotApplicable";

/** What a control chart says is wrong. */
export type SpcAlertKind = "OutOfBounds" | "Consecutive" | "Alternating" | "AllGood" | "Trend";

/** One finding of a control chart. */
export interface SpcAlert {
  /** What was found. */
  readonly kind: SpcAlertKind;
  /** Where it was found. */
  readonly zone: AlertZone;
}

/** Which runs of zone values raise an alert. */
export interface SpcAlertRule {
  /** Eight counts: consecutive and alternating for zones 1 to 4; 0 turns a check off. */
  readonly rule: string;
  /** Zones whose runs count. */
  readonly zonesToMonitor: readonly AlertZone[];
}

const ZONES = ["Zone1", "Zone2", "Zone3", "Zone4"] as const;
/** Values that must rise or fall in a row to make a trend. */
const TREND_LENGTH = 7;

/**
 * Completes a rule. The default is the Western Electric rules as eight counts.
 *
 * @param options rule text and zones
 * @returns the rule
 * @throws DriftError when the text is not eight whole numbers
 * @example
 * ```ts
 * import { spcAlertRule } from "./mod.ts";
 *
 * spcAlertRule().rule; // "8 16 4 8 2 4 1 1"
 * ```
 */
export function spcAlertRule(options: Partial<SpcAlertRule> = {}): SpcAlertRule {
  const rule = options.rule ?? "8 16 4 8 2 4 1 1";
  parseRule(rule);
  return { rule, zonesToMonitor: options.zonesToMonitor ?? [...ZONES] };
}

/** The eight counts of a rule text. */
export function parseRule(rule: string): number[] {
  const counts = rule.split(" ").map((part) => /^\d+$/.test(part) ? Number(part) : NaN);
  if (counts.length !== 8 || counts.some(Number.isNaN)) {
    throw new DriftError(
      "INVALID_CONFIG",
      `An SPC rule is eight whole numbers separated by single spaces, as in "8 16 4 8 2 4 1 1", got "${rule}"`,
    );
  }
  return counts;
}

/**
 * Looks for runs in a series of zone values.
 *
 * Strict mode follows the Western Electric rules: a zone's run counts values in the zone or beyond, alternating means
 * changing sides, and a trend is sought in the sample means when they are given. Reference mode: see
 * {@linkcode Compatibility}.
 *
 * @param zones zone values of {@linkcode zoneOf}, oldest first
 * @param rule which runs count
 * @param options compatibility, and the sample means behind the zone values
 * @returns what was found, each finding once
 * @example
 * ```ts
 * import { checkSpcRules, spcAlertRule } from "./mod.ts";
 *
 * checkSpcRules([0, 1, 4], spcAlertRule()); // [{ kind: "OutOfBounds", zone: "Zone4" }]
 * ```
 */
export function checkSpcRules(
  zones: ArrayLike<number>,
  rule: SpcAlertRule,
  options: { compatibility?: Compatibility; samples?: ArrayLike<number> } = {},
): SpcAlert[] {
  const reference = options.compatibility === "reference";
  const counts = parseRule(rule.rule);
  const found: SpcAlert[] = [];
  ZONES.forEach((zone, index) => {
    if (!rule.zonesToMonitor.includes(zone)) return;
    const level = index + 1;
    const consecutive = counts[2 * index] as number;
    const alternating = counts[2 * index + 1] as number;
    if (consecutive > 0 && hasRun(zones, level, consecutive, sameSide, reference)) {
      found.push({ kind: level === 4 ? "OutOfBounds" : "Consecutive", zone });
    }
    const changes = reference ? differs : otherSide;
    if (alternating > 0 && hasRun(zones, level, alternating, changes, reference)) {
      const kind = level === 4 ? "OutOfBounds" : "Alternating";
      if (!found.some((alert) => alert.zone === zone && alert.kind === kind)) {
        found.push({ kind, zone });
      }
    }
  });
  if (hasTrend(reference ? zones : options.samples ?? zones)) {
    found.push({ kind: "Trend", zone: "NotApplicable" });
  }
  return found;
}

type Follows = (value: number, before: number) => boolean;
const sameSide: Follows = (value, before) => Math.sign(value) === Math.sign(before);
const otherSide: Follows = (value, before) => Math.sign(value) === -Math.sign(before);
const differs: Follows = (value, before) => value !== before;

/** Whether `length` values in a row reach the level, each following its predecessor as it must. */
function hasRun(
  zones: ArrayLike<number>,
  level: number,
  length: number,
  follows: Follows,
  reference: boolean,
): boolean {
  let run = 0;
  for (let i = 0; i < zones.length; i++) {
    const value = zones[i] as number;
    if (Math.abs(value) < level) run = 0;
    else run = run > 0 && follows(value, zones[i - 1] as number) ? run + 1 : 1;
    // The reference looks at a zone only where a value lies in that very zone.
    if (run >= length && (!reference || Math.abs(value) === level)) return true;
  }
  return false;
}

function hasTrend(values: ArrayLike<number>): boolean {
  let rising = 1;
  let falling = 1;
  for (let i = 1; i < values.length; i++) {
    const value = values[i] as number;
    const before = values[i - 1] as number;
    rising = value > before ? rising + 1 : 1;
    falling = value < before ? falling + 1 : 1;
    if (rising >= TREND_LENGTH || falling >= TREND_LENGTH) return true;
  }
  return false;
}
