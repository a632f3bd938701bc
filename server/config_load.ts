/**
 * Reads the settings from the environment and reports everything that is wrong with them at once.
 *
 * @module
 */

import { brokerContradictions } from "./config_brokers.ts";
import { SETTINGS, type Settings } from "./config.ts";
import type { Setting, SettingValue } from "./config_types.ts";

/** The outcome of reading the settings. */
export interface LoadedSettings {
  /** Null when there are problems. */
  readonly settings: Settings | null;
  /** Why the server cannot start, one sentence each. */
  readonly problems: readonly string[];
  /** What looks like a mistake but does not stop the server. */
  readonly warnings: readonly string[];
}

/** Read by the SDK and its tools, which may share the server's environment. */
const CLIENT_NAMES = new Set([
  "SCOUTER_SERVER_URI",
  "SCOUTER_GRPC_URI",
  "SCOUTER_USERNAME",
  "SCOUTER_PASSWORD",
  "SCOUTER_AUTH_TOKEN",
  "SCOUTER_API_KEY",
  "SCOUTER_QUEUE_PUBLISH_INTERVAL_SECS",
  "SCOUTER_KAFKA_TOPIC",
]);

/**
 * Validates every setting.
 *
 * @param env Environment variables by name. An empty value counts as absent.
 */
export function loadSettings(env: Readonly<Record<string, string>>): LoadedSettings {
  const problems: string[] = [];
  const values: Record<string, SettingValue> = {};
  const known = new Set<string>(CLIENT_NAMES);
  for (const [key, setting] of Object.entries<Setting<SettingValue>>(SETTINGS)) {
    known.add(setting.name);
    const given = env[setting.name];
    if (given === undefined || given.trim() === "") {
      values[key] = setting.default;
      continue;
    }
    const parsed = setting.parse(given);
    if ("value" in parsed) values[key] = parsed.value;
    else {
      const shown = setting.secret ? "its value" : JSON.stringify(given);
      problems.push(`${setting.name}: ${shown} is not ${parsed.expected}.`);
    }
  }
  const warnings = unknownNames(env, known);
  if (problems.length > 0) return { settings: null, problems, warnings };
  // Every key of SETTINGS was given a value of its own type above.
  const settings = values as unknown as Settings;
  problems.push(...contradictions(settings));
  return { settings: problems.length > 0 ? null : settings, problems, warnings };
}

/** Settings that are fine alone but not together. */
function contradictions(settings: Settings): string[] {
  const problems: string[] = [];
  const ports = [
    SETTINGS.httpPort.name,
    settings.httpPort,
    SETTINGS.grpcPort.name,
    settings.grpcPort,
    SETTINGS.otlpHttpPort.name,
    settings.otlpHttpPort,
    SETTINGS.otlpGrpcPort.name,
    settings.otlpGrpcPort,
  ];
  for (let i = 0; i < ports.length; i += 2) {
    for (let j = i + 2; j < ports.length; j += 2) {
      if (ports[i + 1] !== 0 && ports[i + 1] === ports[j + 1]) {
        problems.push(
          `${ports[i]} and ${ports[j]} are both ${
            ports[i + 1]
          }; give one of them another port, or 0.`,
        );
      }
    }
  }
  if (settings.minPoolSize > settings.maxPoolSize) {
    problems.push(
      `MIN_POOL_SIZE (${settings.minPoolSize}) is more than MAX_POOL_SIZE (${settings.maxPoolSize}).`,
    );
  }
  if ((settings.defaultUsername === "") !== (settings.defaultPassword === "")) {
    problems.push(
      "SCOUTER_DEFAULT_USERNAME and SCOUTER_DEFAULT_PASSWORD belong together; set both or none.",
    );
  }
  problems.push(...brokerContradictions(settings));
  return problems;
}

function unknownNames(
  env: Readonly<Record<string, string>>,
  known: ReadonlySet<string>,
): string[] {
  const warnings: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith("SCOUTER_") || known.has(name)) continue;
    // Kubernetes describes Services to containers this way.
    if (/_SERVICE_(HOST|PORT)/.test(name) || value.includes("://")) continue;
    const nearest = nearestName(name, known);
    warnings.push(
      `${name} is not a setting and has no effect` +
        (nearest === null ? "." : `; did you mean ${nearest}?`),
    );
  }
  return warnings;
}

/** The known name with the least edits, when they are few enough to be a slip of the hand. */
export function nearestName(name: string, known: Iterable<string>): string | null {
  let nearest: string | null = null;
  let least = Math.ceil(name.length / 3);
  for (const candidate of known) {
    const distance = editDistance(name, candidate);
    if (distance < least) [nearest, least] = [candidate, distance];
  }
  return nearest;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
