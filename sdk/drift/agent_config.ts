import { AlertCondition } from "./alert_condition.ts";
import {
  consoleDispatch,
  type DispatchConfig,
  dispatchFromJson,
  dispatchToJson,
} from "./dispatch.ts";
import { DriftError } from "./error.ts";
import { completeIdentity, type Identity } from "./identity.ts";
import { JsonNode } from "./json_node.ts";
import { CommonCrons, parseSchedule } from "./schedule.ts";

/** The metric name in alerts about agents: their workflows' pass rate. */
export const AGENT_WORKFLOW_METRIC = "agent_workflow_metric";

/** When an agent's pass rate is looked at, what alerts, and who is told. */
export interface AgentAlertConfig {
  /** Cron expression, seconds first. */
  readonly schedule: string;
  /** Who is told. */
  readonly dispatchConfig: DispatchConfig;
  /** Compared with the mean pass rate since the previous look; null never alerts. */
  readonly alertCondition: AlertCondition | null;
}

/**
 * Completes an agent alert configuration: daily, console, no condition.
 *
 * @param options what differs from that; `schedule` may be a {@linkcode CommonCrons} name
 * @returns the configuration
 * @throws DriftError when the schedule cannot be read
 * @example
 * ```ts
 * import { agentAlertConfig, AlertCondition } from "./mod.ts";
 *
 * agentAlertConfig({
 *   alertCondition: new AlertCondition({ baselineValue: 0.9, alertThreshold: "Below", delta: 0.05 }),
 * });
 * ```
 */
export function agentAlertConfig(options: Partial<AgentAlertConfig> = {}): AgentAlertConfig {
  return {
    schedule: parseSchedule(options.schedule ?? CommonCrons.EveryDay),
    dispatchConfig: options.dispatchConfig ?? consoleDispatch(),
    alertCondition: options.alertCondition ?? null,
  };
}

/** Options of an {@linkcode AgentEvalConfig}. */
export interface AgentEvalConfigOptions extends Partial<Identity> {
  /** Share of records that are evaluated; limited to [0, 1], 1 by default. */
  readonly sampleRatio?: number;
  /** When the pass rate is looked at, and who is told. */
  readonly alertConfig?: AgentAlertConfig;
}

/**
 * Identity, sampling and alerts of an agent that is evaluated online.
 *
 * @example
 * ```ts
 * import { AgentEvalConfig } from "./mod.ts";
 *
 * new AgentEvalConfig({ space: "support", name: "triage", sampleRatio: 0.1 }).sampleRatio; // 0.1
 * ```
 */
export class AgentEvalConfig implements Identity {
  /** Tells the kinds of configuration apart. */
  readonly driftType: "Agent" = "Agent" as const;
  space: string;
  name: string;
  version: string;
  uid: string;
  /** Share of records that are evaluated, within [0, 1]. */
  readonly sampleRatio: number;
  /** When the pass rate is looked at, and who is told. */
  alertConfig: AgentAlertConfig;

  /**
   * Completes a configuration.
   *
   * @param options identity, sampling, alerts; all optional
   * @throws DriftError when the ratio is not a number
   */
  constructor(options: AgentEvalConfigOptions = {}) {
    const { sampleRatio = 1 } = options;
    if (Number.isNaN(sampleRatio)) {
      throw new DriftError("INVALID_CONFIG", "sampleRatio must be a number within [0, 1], got NaN");
    }
    const identity = completeIdentity(options);
    this.space = identity.space;
    this.name = identity.name;
    this.version = identity.version;
    this.uid = identity.uid;
    this.sampleRatio = Math.min(1, Math.max(0, sampleRatio));
    this.alertConfig = options.alertConfig ?? agentAlertConfig();
  }

  /** The JSON form, as in profile files. */
  toJSON(): Record<string, unknown> {
    return {
      sample_ratio: this.sampleRatio,
      space: this.space,
      name: this.name,
      version: this.version,
      uid: this.uid,
      alert_config: {
        dispatch_config: dispatchToJson(this.alertConfig.dispatchConfig),
        schedule: this.alertConfig.schedule,
        alert_condition: this.alertConfig.alertCondition?.toJSON() ?? null,
      },
      drift_type: this.driftType,
    };
  }

  /**
   * Reads the JSON form; every field may be absent.
   *
   * @param input JSON text, or what it parses to
   * @returns the configuration
   * @throws DriftError naming the field that is not as it should be
   */
  static fromJSON(input: unknown): AgentEvalConfig {
    const node = JsonNode.from(input, "config");
    const text = (key: "space" | "name" | "version" | "uid") =>
      node.get(key).isAbsent ? {} : { [key]: node.get(key).string() };
    const ratio = node.get("sample_ratio");
    const alert = node.get("alert_config");
    return new AgentEvalConfig({
      ...text("space"),
      ...text("name"),
      ...text("version"),
      ...text("uid"),
      ...(ratio.isAbsent ? {} : { sampleRatio: ratio.number() }),
      ...(alert.isAbsent ? {} : { alertConfig: alertFromNode(alert) }),
    });
  }
}

function alertFromNode(node: JsonNode): AgentAlertConfig {
  const schedule = node.get("schedule");
  const dispatch = node.get("dispatch_config");
  const condition = node.get("alert_condition");
  return agentAlertConfig({
    ...(schedule.isAbsent ? {} : { schedule: schedule.string() }),
    ...(dispatch.isAbsent ? {} : { dispatchConfig: dispatchFromJson(dispatch) }),
    ...(condition.isAbsent ? {} : { alertCondition: AlertCondition.fromNode(condition) }),
  });
}
