import { DriftError } from "./error.ts";
import type { JsonNode } from "./json_node.ts";

/** Where alerts go. */
export type DispatchConfig =
  | { readonly kind: "Console"; readonly enabled: boolean }
  | { readonly kind: "Slack"; readonly channel: string }
  | { readonly kind: "OpsGenie"; readonly team: string; readonly priority: string };

/**
 * Alerts are printed on the server's standard output.
 *
 * @returns the dispatch configuration
 * @example
 * ```ts
 * import { consoleDispatch } from "./mod.ts";
 *
 * consoleDispatch().kind; // "Console"
 * ```
 */
export function consoleDispatch(): DispatchConfig {
  return { kind: "Console", enabled: true };
}

/**
 * Alerts are posted to a Slack channel.
 *
 * @param channel the channel, as Slack names it
 * @returns the dispatch configuration
 * @example
 * ```ts
 * import { slack } from "./mod.ts";
 *
 * slack("#model-alerts").kind; // "Slack"
 * ```
 */
export function slack(channel: string): DispatchConfig {
  return { kind: "Slack", channel };
}

/**
 * Alerts are sent to an OpsGenie team.
 *
 * @param team the team's name
 * @param priority OpsGenie's priority, P1 to P5
 * @returns the dispatch configuration
 * @throws DriftError when the priority is not one of OpsGenie's
 * @example
 * ```ts
 * import { opsGenie } from "./mod.ts";
 *
 * opsGenie("ml-platform").kind; // "OpsGenie"
 * ```
 */
export function opsGenie(team: string, priority: string = "P5"): DispatchConfig {
  if (!/^P[1-5]$/.test(priority)) {
    throw new DriftError(
      "INVALID_CONFIG",
      `An OpsGenie priority is P1, P2, P3, P4 or P5, got "${priority}"`,
    );
  }
  return { kind: "OpsGenie", team, priority };
}

/** The JSON form, tagged by its kind. */
export function dispatchToJson(dispatch: DispatchConfig): Record<string, unknown> {
  switch (dispatch.kind) {
    case "Console":
      return { Console: { enabled: dispatch.enabled } };
    case "Slack":
      return { Slack: { channel: dispatch.channel } };
    case "OpsGenie":
      return { OpsGenie: { team: dispatch.team, priority: dispatch.priority } };
  }
}

/** Reads the JSON form. */
export function dispatchFromJson(node: JsonNode): DispatchConfig {
  const [kind, content] = node.tagged();
  switch (kind) {
    case "Console":
      return { kind, enabled: content.get("enabled").boolean() };
    case "Slack":
      return { kind, channel: content.get("channel").string() };
    case "OpsGenie": {
      const priority = content.get("priority");
      return {
        kind,
        team: content.get("team").string(),
        priority: priority.isAbsent ? "P5" : priority.string(),
      };
    }
    default:
      return node.fail("Console, Slack or OpsGenie");
  }
}
