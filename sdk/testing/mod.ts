/**
 * Help for tests of programs that use Scouter: a real server that starts with a test and ends with it. For Deno, Node and
 * Bun.
 *
 * @example
 * ```ts
 * import { ScouterTestServer } from "@scouter/sdk/testing";
 *
 * async function example(): Promise<string> {
 *   await using server = await ScouterTestServer.start({ env: { SCOUTER_AUTH: "off" } });
 *   return server.httpUrl;
 * }
 * console.log(example.length);
 * ```
 *
 * @module
 */

export { ScouterTestServer, type ScouterTestServerOptions } from "./scouter_test_server.ts";
