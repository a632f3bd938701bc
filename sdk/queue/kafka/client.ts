/**
 * The Kafka client, loaded where it can run.
 *
 * @module
 */

import { runtimeName } from "../../runtime/mod.ts";

type KafkaClient = typeof import("@platformatic/kafka");

/** What the client needs of Node.js. */
const MIN_NODE = [22, 19] as const;

/** Why the client cannot run here, with the way out; null when it can. */
export function unsupportedRuntime(
  name: string = runtimeName(),
  version: string = nodeVersion(),
): string | null {
  if (name !== "node") return null;
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [needMajor, needMinor] = MIN_NODE;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return null;
  return `Kafka needs Node.js ${needMajor}.${needMinor} or newer and this is ${version}: ` +
    "update Node.js, or use another transport such as HTTP, gRPC, RabbitMQ or Redis";
}

function nodeVersion(): string {
  const process: unknown = Reflect.get(globalThis, "process");
  const versions: unknown = typeof process === "object" && process !== null
    ? Reflect.get(process, "versions")
    : undefined;
  const version: unknown = typeof versions === "object" && versions !== null
    ? Reflect.get(versions, "node")
    : undefined;
  return typeof version === "string" ? version : "unknown";
}

// Started when this module is loaded: a program loads its modules outside of any request, and a client that is first
// loaded inside of one would keep that request's asynchronous context on some runtimes.
const loading: Promise<KafkaClient> | null = unsupportedRuntime() === null
  ? import("@platformatic/kafka")
  : null;
loading?.catch(() => {});

/** The client's module. */
export function kafkaClient(): Promise<KafkaClient> {
  return loading ?? Promise.reject(new Error(unsupportedRuntime() ?? ""));
}
