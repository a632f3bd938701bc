import assert from "node:assert/strict";
import { test } from "node:test";
import {
  agentAlertConfig,
  AgentEvalConfig,
  AlertCondition,
  CommonCrons,
  customAlertConfig,
  CustomDriftProfile,
  customMetric,
  CustomMetricDriftConfig,
  Drifter,
  equalWidthBinning,
  nextRun,
  opsGenie,
  parseDriftProfile,
  parseSchedule,
  psiAlertConfig,
  PsiDriftConfig,
  slack,
} from "../../../sdk/drift/mod.ts";
import { SCOUTER_VERSION } from "../../../sdk/drift/identity.ts";
import { VERSION } from "../../../sdk/mod.ts";

const metrics = [
  customMetric({ name: "MSE", baselineValue: 12.02, alertThreshold: "Above", delta: 1 }),
  customMetric({ name: "accuracy", baselineValue: 0.75, alertThreshold: "Below" }),
];

test("custom metrics alert beyond their bounds and not on them", () => {
  const profile = new CustomDriftProfile(new CustomMetricDriftConfig(), metrics);
  const alerts = (mse: number, accuracy: number) =>
    profile.check({ mse, accuracy }).map((alert) => alert.metricName);
  assert.deepEqual(alerts(14, 0.65), ["mse", "accuracy"]);
  assert.deepEqual(alerts(12.5, 0.76), []);
  assert.deepEqual(alerts(14, 0.76), ["mse"]);
  assert.throws(() => profile.check({ recall: 1 }), /"recall".*mse, accuracy/);
  const agent = new AlertCondition({ baselineValue: 5, alertThreshold: "Below", delta: 1 });
  assert.deepEqual([3, 4, 5].map((value) => agent.shouldAlert(value)), [true, false, false]);
});

test("new alert settings keep the metrics' conditions", () => {
  const profile = new CustomDriftProfile(new CustomMetricDriftConfig(), metrics);
  profile.updateConfigArgs({
    name: "n",
    alertConfig: customAlertConfig({ schedule: "EveryHour" }),
  });
  assert.equal(profile.config.name, "n");
  assert.equal(profile.config.alertConfig.schedule, "0 0 * * * *");
  assert.equal(profile.check({ mse: 20 }).length, 1);
});

test("a custom profile needs a metric, and a file whose metric would never alert is refused", () => {
  assert.throws(() => new CustomDriftProfile(new CustomMetricDriftConfig(), []), {
    code: "INVALID_CONFIG",
  });
  const json = JSON.parse(
    JSON.stringify(new CustomDriftProfile(new CustomMetricDriftConfig(), metrics)),
  );
  json.config.alert_config.alert_conditions = null;
  assert.throws(() => parseDriftProfile(json), /alert_conditions/);
});

test("profiles of every kind survive their file, bare or wrapped", () => {
  const drifter = new Drifter();
  const data = { x: [1, 2, 3, 4, 5], plan: ["a", "b", "a", "b", "a"] };
  const profiles = [
    drifter.createDriftProfile(
      data,
      new PsiDriftConfig({
        space: "s",
        name: "n",
        version: "1.0.0",
        binningStrategy: equalWidthBinning(4),
        alertConfig: psiAlertConfig({ dispatchConfig: opsGenie("team", "P2") }),
      }),
    ),
    drifter.createDriftProfile(data),
    new CustomDriftProfile(new CustomMetricDriftConfig(), metrics),
  ];
  for (const profile of profiles) {
    const text = JSON.stringify(profile);
    assert.equal(JSON.stringify(parseDriftProfile(text)), text);
    const wrapped = JSON.stringify({ [profile.driftType]: profile });
    assert.equal(JSON.stringify(parseDriftProfile(wrapped)), text);
  }
});

test("a broken file is refused with the place of the mistake", () => {
  const profile = new Drifter().createDriftProfile({ x: [1, 2, 3] }, new PsiDriftConfig());
  const broken = (
    change: (json: { features: { x: { bins: unknown } }; config: Record<string, unknown> }) => void,
  ) => {
    const json = JSON.parse(JSON.stringify(profile));
    change(json);
    return () => parseDriftProfile(json);
  };
  assert.throws(
    broken((json) => json.features.x.bins = "no"),
    /profile\.features\.x\.bins must be an array/,
  );
  assert.throws(broken((json) => json.config.drift_type = "Other"), /drift_type must be one of/);
  assert.throws(broken((json) => json.config.space = 7), /config\.space must be a string, got 7/);
  assert.throws(() => parseDriftProfile("{"), /not JSON/);
});

test("a numeric bin whose limit is null is open on that side", () => {
  const profile = new Drifter().createDriftProfile({ x: [1, 2, 3] }, new PsiDriftConfig());
  const json = JSON.parse(JSON.stringify(profile));
  json.features.x.bins[0].lower_limit = null;
  assert.deepEqual(parseDriftProfile(json).toJSON(), profile.toJSON());
});

test("identity given back by a server is taken over", () => {
  const profile = new Drifter().createDriftProfile({ x: [1, 2, 3] });
  profile.updateConfigArgs({ space: "s", version: "0.1.0", uid: "u" });
  assert.equal(profile.uid, "u");
  assert.equal(profile.config.space, "s");
  assert.equal(profile.config.name, "__missing__");
});

test("schedules have seconds first, Quartz weekdays, and are never replaced in silence", () => {
  assert.equal(parseSchedule("EveryDay"), CommonCrons.EveryDay);
  const after = new Date("2025-01-01T00:10:00Z"); // a Wednesday
  const next = (schedule: string) => nextRun(schedule, after)?.toISOString();
  assert.equal(next(CommonCrons.EveryHour), "2025-01-01T01:00:00.000Z");
  assert.equal(next(CommonCrons.Every5Minutes), "2025-01-01T00:15:00.000Z");
  assert.equal(next(CommonCrons.Every1Minute), "2025-01-01T00:11:00.000Z");
  assert.equal(next(CommonCrons.EveryWeek), "2025-01-05T00:00:00.000Z");
  assert.equal(next("0 0 0 * * 1"), "2025-01-05T00:00:00.000Z");
  assert.equal(next("0 0 0 * * * 2024"), undefined);
  for (const bad of ["* * * * *", "every day", "", "0 0 25 * * *"]) {
    assert.throws(() => parseSchedule(bad), { code: "INVALID_SCHEDULE" });
    assert.throws(() => psiAlertConfig({ schedule: bad }), { code: "INVALID_SCHEDULE" });
  }
});

test("dispatch settings are checked and written as the server reads them", () => {
  assert.throws(() => opsGenie("t", "urgent"), { code: "INVALID_CONFIG" });
  const config = new PsiDriftConfig({
    alertConfig: psiAlertConfig({ dispatchConfig: slack("#c") }),
  });
  const json = JSON.parse(JSON.stringify(config));
  assert.deepEqual(json.alert_config.dispatch_config, { Slack: { channel: "#c" } });
});

test("an agent's configuration survives its file, and every field of the file may be absent", () => {
  const alertCondition = new AlertCondition({ baselineValue: 0.9, alertThreshold: "Below" });
  const config = new AgentEvalConfig({
    space: "s",
    sampleRatio: 7,
    alertConfig: agentAlertConfig({
      schedule: "EveryHour",
      dispatchConfig: slack("#c"),
      alertCondition,
    }),
  });
  const json = JSON.parse(JSON.stringify(config));
  assert.equal(json.sample_ratio, 1);
  assert.deepEqual(AgentEvalConfig.fromJSON(json).toJSON(), json);
  const { uid, ...defaults } = JSON.parse(JSON.stringify(AgentEvalConfig.fromJSON("{}")));
  assert.match(uid, /^[0-9a-f-]{36}$/);
  assert.deepEqual(defaults, {
    sample_ratio: 1,
    space: "__missing__",
    name: "__missing__",
    version: "0.0.0",
    alert_config: {
      dispatch_config: { Console: { enabled: true } },
      schedule: "0 0 0 * * *",
      alert_condition: null,
    },
    drift_type: "Agent",
  });
  assert.throws(
    () => AgentEvalConfig.fromJSON({ sample_ratio: "all" }),
    /sample_ratio must be a number/,
  );
});

test("profiles carry this library's version", () => {
  assert.equal(SCOUTER_VERSION, VERSION);
});
