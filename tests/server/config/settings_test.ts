import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { loadSettings, nearestName } from "../../../server/config_load.ts";
import { settingsHelp, settingsMarkdown, settingsTable } from "../../../server/config_text.ts";

describe("settings", () => {
  it("have these defaults", () => {
    const { settings, problems, warnings } = loadSettings({ PATH: "/bin" });
    assert.deepEqual([problems, warnings], [[], []]);
    assert.ok(settings !== null);
    assert.equal(settings.host, "127.0.0.1");
    assert.equal(settings.httpPort, 8000);
    assert.equal(settings.grpcPort, 50051);
    assert.equal(settings.otlpHttpPort, 4318);
    assert.equal(settings.otlpGrpcPort, 4317);
    assert.equal(settings.dataDir, "./.scouter");
    assert.equal(settings.auth, "auto");
    assert.equal(settings.maxBodyMb, 64);
    assert.equal(settings.dedupWindowSeconds, 900);
    assert.equal(settings.traceRetentionDays, 365);
    assert.equal(settings.bootstrapKey, "");
    assert.equal(settings.defaultPassword, "");
    assert.deepEqual(settings.allowedOrigins, []);
  });

  it("are read from the environment", () => {
    const { settings } = loadSettings({
      SCOUTER_HOST: " 0.0.0.0 ",
      SCOUTER_OTLP_GRPC_PORT: "0",
      SCOUTER_AUTH: "Required",
      LOG_JSON: "TRUE",
      LOG_LEVEL: "",
      SCOUTER_ALLOWED_ORIGINS: "https://a.example, http://localhost:3000",
    });
    assert.ok(settings !== null);
    assert.equal(settings.host, "0.0.0.0");
    assert.equal(settings.otlpGrpcPort, 0);
    assert.equal(settings.auth, "required");
    assert.equal(settings.logJson, true);
    assert.equal(settings.logLevel, "info");
    assert.deepEqual(settings.allowedOrigins, ["https://a.example", "http://localhost:3000"]);
  });

  it("report everything that is wrong at once", () => {
    const { settings, problems } = loadSettings({
      SCOUTER_SERVER_PORT: "80000",
      SCOUTER_AUTH: "maybe",
      LOG_JSON: "perhaps",
      SCOUTER_MAX_BODY_MB: "1e3",
      SCOUTER_ALLOWED_ORIGINS: "https://a.example/path",
    });
    assert.equal(settings, null);
    assert.equal(problems.length, 5);
    assert.match(problems.join("\n"), /SCOUTER_SERVER_PORT: "80000" is not a port from 1 to 65535/);
    assert.match(problems.join("\n"), /SCOUTER_AUTH: "maybe" is not one of auto, required, off/);
    assert.match(problems.join("\n"), /SCOUTER_MAX_BODY_MB: "1e3" is not a whole number/);
  });

  it("explain what Kubernetes puts into a port's name", () => {
    const { problems } = loadSettings({ SCOUTER_SERVER_PORT: "tcp://10.0.0.1:8000" });
    assert.match(problems[0] ?? "", /enableServiceLinks: false/);
  });

  it("report settings that contradict each other", () => {
    const { problems } = loadSettings({
      SCOUTER_GRPC_PORT: "8000",
      SCOUTER_DEFAULT_USERNAME: "root",
      MAX_POOL_SIZE: "5",
    });
    assert.equal(problems.length, 3);
    assert.match(problems[0] ?? "", /SCOUTER_SERVER_PORT and SCOUTER_GRPC_PORT are both 8000/);
  });

  it("never show a secret", () => {
    const { problems } = loadSettings({
      SCOUTER_DEFAULT_PASSWORD: "hunter2",
      DATABASE_URI: "postgresql://u:hunter2@h/db",
    });
    assert.equal(problems.length, 1);
    assert.ok(!problems.join().includes("hunter2"));
  });

  it("warn about unknown names with the nearest known one", () => {
    const { settings, warnings } = loadSettings({
      SCOUTER_SERVER_PROT: "8001",
      SCOUTER_FROBNICATE_EVERYTHING: "1",
      SCOUTER_SERVER_URI: "http://localhost:8000",
      SCOUTER_SERVICE_PORT_HTTP: "80",
      SCOUTER_PORT: "tcp://10.0.0.1:80",
      OTHER_SETTING: "1",
    });
    assert.ok(settings !== null);
    assert.deepEqual(warnings, [
      "SCOUTER_SERVER_PROT is not a setting and has no effect; did you mean SCOUTER_SERVER_PORT?",
      "SCOUTER_FROBNICATE_EVERYTHING is not a setting and has no effect.",
    ]);
  });

  it("find the name with the fewest edits", () => {
    assert.equal(nearestName("SCOUTER_HOTS", ["SCOUTER_AUTH", "SCOUTER_HOST"]), "SCOUTER_HOST");
    assert.equal(nearestName("SCOUTER_X", ["UNRELATED"]), null);
  });

  it("are all in the help", () => {
    const help = settingsHelp();
    for (
      const name of ["SCOUTER_HOST", "LOG_LEVEL", "DATABASE_URI", "SCOUTER_QUERY_TIMEOUT_SECS"]
    ) {
      assert.match(help, new RegExp(`^  ${name}$`, "m"));
    }
  });

  it("are documented as they are in docs/settings.md", async () => {
    // The formatter pads tables and wraps lines.
    const plain = (text: string) => text.replaceAll(/\s+/g, " ").replaceAll(/-{3,}/g, "---");
    const written = await readFile(new URL("../../../docs/settings.md", import.meta.url), "utf8");
    assert.equal(plain(written), plain(settingsMarkdown()), "run deno task docs");
    const readme = await readFile(new URL("../../../README.md", import.meta.url), "utf8");
    assert.ok(plain(readme).includes(plain(settingsTable())), "run deno task docs");
  });
});
