/**
 * Queues over gRPC. A module of its own, so that only who uses it loads a gRPC client.
 *
 * @example
 * ```ts
 * import { ScouterQueue } from "@scouter/sdk/queue";
 * import { GrpcConfig } from "@scouter/sdk/queue/grpc";
 *
 * const transport = new GrpcConfig({ serverUri: "http://localhost:50051" });
 * const queue = await ScouterQueue.fromProfile({}, { transport });
 * console.log((await queue.shutdown()).complete); // true
 * ```
 *
 * @module
 */

export { GrpcConfig, type GrpcConfigOptions } from "./grpc_config.ts";
export { GrpcTransport } from "./grpc_transport.ts";
