import assert from "node:assert/strict";
import { after, describe } from "node:test";
import { Redis } from "ioredis";
import { RedisConfig } from "../../sdk/queue/redis/mod.ts";
import { brokerSuite } from "./queue_support.ts";

const read = async (uri: string, place: string, enough: (messages: string[]) => boolean) => {
  const client = new Redis(uri);
  try {
    for (;;) {
      const entries = await client.xrange(place, "-", "+");
      const messages = entries.map(([, fields]) => {
        assert.equal(fields[0], "message");
        return String(fields[1]);
      });
      if (enough(messages)) return;
      await new Promise((wake) => setTimeout(wake, 20));
    }
  } finally {
    client.disconnect();
  }
};

brokerSuite({
  kind: "redis",
  config: (address, stream, timeoutMs) =>
    new RedisConfig({ address, stream, ...(timeoutMs !== undefined && { timeoutMs }) }),
  read,
});

describe("with a channel that is listened to", () => {
  const heard = new Map<string, string[]>();
  const clients: Redis[] = [];
  after(() => clients.forEach((client) => client.disconnect()));
  brokerSuite({
    kind: "redis",
    config: (address, channel, timeoutMs) =>
      new RedisConfig({ address, channel, ...(timeoutMs !== undefined && { timeoutMs }) }),
    async listen(uri, place) {
      const messages = heard.get(place) ?? [];
      heard.set(place, messages);
      for (const client of clients.splice(0)) client.disconnect();
      // One that came back by itself would hear everything twice, and its own subscribing fails unheard when it is
      // ended just then.
      const client = new Redis(uri, { retryStrategy: null, autoResubscribe: false });
      client.on("error", () => {});
      clients.push(client);
      client.on("message", (_, message) => messages.push(message));
      await client.subscribe(place);
    },
    async read(_uri, place, enough) {
      while (!enough(heard.get(place) ?? [])) {
        await new Promise((wake) => setTimeout(wake, 20));
      }
    },
  });
});
