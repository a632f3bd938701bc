/** The transports that go to a server itself, against a real one that is there, away, killed, or hangs. */

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ScouterClient } from "../../sdk/client/mod.ts";
import { GrpcConfig } from "../../sdk/queue/grpc/mod.ts";
import {
  HttpConfig,
  type Transport,
  type TransportConfig,
  TransportError,
} from "../../sdk/queue/mod.ts";
import { type TagRecord, writeMessage } from "../../sdk/records/mod.ts";
import { ScouterTestServer } from "../../sdk/testing/mod.ts";

const LOGIN = { username: "root", password: "correct horse battery" };
const ENTITY = { entity_type: "model", entity_id: "m1" };
const NEVER = new AbortController().signal;

/** A port that stays the same while servers come and go behind it. */
interface Door extends AsyncDisposable {
  readonly port: number;
  /** Where connections go; null turns them away. */
  target: number | null;
  /** Bytes are taken and held back while this is set. */
  setHanging(hanging: boolean): void;
}

async function openDoor(): Promise<Door> {
  const sockets = new Set<Socket>();
  let hanging = false;
  const server = createServer((near) => {
    if (door.target === null) return near.destroy();
    const far = connect(door.target, "127.0.0.1");
    for (const [from, to] of [[near, far], [far, near]] as const) {
      sockets.add(from);
      from.on("error", () => {});
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
      if (hanging) from.pause();
    }
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const door: Door = {
    port: address.port,
    target: null,
    setHanging(value) {
      hanging = value;
      for (const socket of sockets) value ? socket.pause() : socket.resume();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
  return door;
}

const portOf = (url: string) => Number(new URL(url).port);

interface Case {
  readonly name: string;
  portOf(server: ScouterTestServer): number;
  config(serverUri: string, more?: object): TransportConfig;
  /** Time for a server that has much else to do; otherwise a second, to notice soon that one hangs. */
  readonly patience: object;
}

const cases: readonly Case[] = [
  {
    name: "HTTP",
    portOf: (server) => portOf(server.httpUrl),
    config: (serverUri, more) => new HttpConfig({ serverUri, timeoutMs: 1_000, ...more }),
    patience: { timeoutMs: 60_000 },
  },
  {
    name: "gRPC",
    portOf: (server) => portOf(server.grpcUrl),
    config: (serverUri, more) => new GrpcConfig({ serverUri, timeoutSecs: 1, ...more }),
    patience: { timeoutSecs: 60 },
  },
];

/** Sends until it is taken, as a queue does. @returns how often it was not */
async function untilTaken(transport: Transport, message: string): Promise<number> {
  for (let failures = 0;; failures++) {
    try {
      await transport.send(message, NEVER);
      return failures;
    } catch (error) {
      assert.ok(error instanceof TransportError && error.retry, String(error));
      await new Promise((wake) => setTimeout(wake, 50));
    }
  }
}

async function keysOf(server: ScouterTestServer): Promise<string[]> {
  const client = await ScouterClient.connect({ ...server.httpConfig, ...LOGIN });
  const tags: readonly TagRecord[] = await client.getTags(ENTITY.entity_type, ENTITY.entity_id);
  return tags.map((tag) => tag.key);
}

describe("sending to a real server", () => {
  let dataDir: string;
  let server: ScouterTestServer;
  const start = () =>
    ScouterTestServer.start({
      dataDir,
      readyTimeoutMs: 180_000,
      env: {
        SCOUTER_AUTH: "required",
        SCOUTER_DEFAULT_USERNAME: LOGIN.username,
        SCOUTER_DEFAULT_PASSWORD: LOGIN.password,
      },
    });
  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "scouter-queue-"));
    server = await start();
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  });

  for (const { name, portOf, config, patience } of cases) {
    it(`over ${name} resolves when it is stored, refuses for good what is no message, and says who is not let in`, async () => {
      const uri = `http://127.0.0.1:${portOf(server)}`;
      const transport = config(uri, { ...LOGIN, ...patience }).createTransport();
      await transport.connect?.(NEVER);
      const key = `stored_${name}`;
      await transport.send(writeMessage({ ...ENTITY, key, value: "x" }), NEVER);
      assert.ok((await keysOf(server)).includes(key));
      await assert.rejects(
        transport.send('{"neither":"this"}', NEVER),
        (error) => error instanceof TransportError && !error.retry,
      );
      await transport.close?.();

      const wrong = config(uri, { ...LOGIN, ...patience, password: "wrong" }).createTransport();
      await assert.rejects(
        wrong.send(writeMessage({ ...ENTITY, key, value: "x" }), NEVER),
        (error) =>
          error instanceof TransportError && error.retry && /UNAUTH|password/i.test(error.message),
      );
      await wrong.close?.();
    });

    it(`over ${name} fails while the server is away, killed or hanging, and gets through when it is back`, async () => {
      await using door = await openDoor();
      const transport = config(`http://127.0.0.1:${door.port}`, LOGIN).createTransport();
      const send = (key: string) =>
        untilTaken(transport, writeMessage({ ...ENTITY, key, value: "x" }));
      const later = async <T>(ms: number, work: () => T | Promise<T>): Promise<T> => {
        await new Promise((wake) => setTimeout(wake, ms));
        return await work();
      };

      const open = () => void (door.target = portOf(server));
      const [away] = await Promise.all([send(`away_${name}`), later(300, open)]);
      assert.ok(away > 0);

      await server.stop("SIGKILL");
      door.target = null;
      const restarted = (async () => {
        server = await start();
        open();
      })();
      const [killed] = await Promise.all([send(`killed_${name}`), restarted]);
      assert.ok(killed > 0);

      door.setHanging(true);
      const [hanging] = await Promise.all([
        send(`hanging_${name}`),
        later(1_500, () => door.setHanging(false)),
      ]);
      assert.ok(hanging > 0);
      await transport.close?.();
      const keys = await keysOf(server);
      for (const what of ["away", "killed", "hanging"]) assert.ok(keys.includes(`${what}_${name}`));
    });

    it(`over ${name} stops at the signal`, async () => {
      await using door = await openDoor();
      door.target = portOf(server);
      door.setHanging(true);
      const transport = config(`http://127.0.0.1:${door.port}`).createTransport();
      const stop = new AbortController();
      const sending = transport.send(
        writeMessage({ ...ENTITY, key: "k", value: "x" }),
        stop.signal,
      );
      setTimeout(() => stop.abort(new Error("enough")), 50);
      await assert.rejects(sending, /enough/);
      await transport.close?.();
    });
  }
});
