import { CustomDriftProfile } from "../../../sdk/drift/mod.ts";
import type { MessageRecord, ServerRecord } from "../../../sdk/records/mod.ts";
import {
  type AgentProfile,
  MockTransport,
  type QueueProblem,
  type QueueProfile,
  ScouterQueue,
  type ScouterQueueOptions,
} from "../../../sdk/queue/mod.ts";

const IDENTITY = { space: "s", name: "n", version: "1.0.0" };
const ALERTS = { schedule: "0 0 0 * * *", dispatch_config: { Console: { enabled: true } } };
const TIMESTAMP = "2026-01-05T10:00:00Z";

/** A profile with x in (-∞,2], (2,5], (5,∞), and k being a or b; "unwatched" is not monitored. */
export const PSI = {
  features: {
    x: {
      id: "x",
      bins: [
        { id: 1, lower_limit: "-inf", upper_limit: 2, proportion: 0.5 },
        { id: 2, lower_limit: 2, upper_limit: 5, proportion: 0.25 },
        { id: 3, lower_limit: 5, upper_limit: null, proportion: 0.25 },
      ],
      timestamp: TIMESTAMP,
      bin_type: "Numeric",
    },
    k: {
      id: "k",
      bins: [
        { id: 1, lower_limit: null, upper_limit: null, proportion: 0.5 },
        { id: 0, lower_limit: null, upper_limit: null, proportion: 0.5 },
      ],
      timestamp: TIMESTAMP,
      bin_type: "Category",
    },
    unwatched: {
      id: "unwatched",
      bins: [{ id: 1, lower_limit: null, upper_limit: null, proportion: 1 }],
      timestamp: TIMESTAMP,
      bin_type: "Numeric",
    },
  },
  config: {
    ...IDENTITY,
    uid: "psi-uid",
    alert_config: {
      ...ALERTS,
      features_to_monitor: ["x", "k"],
      threshold: { ChiSquare: { alpha: 0.05 } },
    },
    feature_map: { features: { k: { a: 0, b: 1, missing: 2 } } },
    drift_type: "Psi",
    categorical_features: ["k"],
    binning_strategy: { QuantileBinning: { num_bins: 3 } },
  },
  scouter_version: "0.25.0",
};

/** A profile of as many features as names are given, each with the bins of x. */
export function widePsi(names: readonly string[]): unknown {
  const features = Object.fromEntries(names.map((id) => [id, { ...PSI.features.x, id }]));
  const alert_config = { ...PSI.config.alert_config, features_to_monitor: [] };
  return { ...PSI, features, config: { ...PSI.config, alert_config } };
}

const LIMITS = {
  center: 0,
  one_ucl: 1,
  one_lcl: -1,
  two_ucl: 2,
  two_lcl: -2,
  three_ucl: 3,
  three_lcl: -3,
  timestamp: TIMESTAMP,
};

/** Samples of three of the features p and q. */
export const SPC = {
  features: { p: { id: "p", ...LIMITS }, q: { id: "q", ...LIMITS } },
  config: {
    ...IDENTITY,
    uid: "spc-uid",
    sample_size: 3,
    sample: true,
    alert_config: {
      ...ALERTS,
      rule: { rule: "8 16 4 8 2 4 1 1", zones_to_monitor: ["Zone1"] },
      features_to_monitor: [],
    },
    feature_map: { features: {} },
    drift_type: "Spc",
  },
  scouter_version: "0.25.0",
};

const condition = { baseline_value: 1, alert_threshold: "Above", delta: null };

/** Batches of two of the metrics mae and mape. */
export const CUSTOM = {
  config: {
    ...IDENTITY,
    uid: "custom-uid",
    sample_size: 2,
    drift_type: "Custom",
    alert_config: { ...ALERTS, alert_conditions: { mae: condition, mape: condition } },
  },
  metrics: { mae: 1, mape: 1 },
  scouter_version: "0.25.0",
};

/** The custom profile, read. */
export function customProfile(): CustomDriftProfile {
  return CustomDriftProfile.fromJSON(CUSTOM);
}

/** A profile of an agent, of which a share of records is sent. */
export function agentProfile(sampleRatio = 1, alias: string | null = "triage"): AgentProfile {
  return { driftType: "Agent", uid: "agent-uid", alias, config: { sampleRatio } };
}

/** A queue over a transport that keeps what is sent. */
export async function mockQueue(
  profiles: Readonly<Record<string, QueueProfile>>,
  options: Partial<ScouterQueueOptions> = {},
): Promise<{ queue: ScouterQueue; transport: MockTransport; problems: QueueProblem[] }> {
  const transport = options.transport instanceof MockTransport
    ? options.transport
    : new MockTransport();
  const problems: QueueProblem[] = [];
  const queue = await ScouterQueue.fromProfile(profiles, {
    onProblem: (problem) => problems.push(problem),
    ...options,
    transport,
  });
  return { queue, transport, problems };
}

/** The records of messages. */
export function recordsOf(messages: readonly MessageRecord[]): ServerRecord[] {
  return messages.flatMap((message) => "records" in message ? message.records : []);
}
