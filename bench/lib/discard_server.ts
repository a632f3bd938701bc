/**
 * A collector that takes export requests and throws them away: the cost of sending without that of storing. Run as a
 * process of its own, `deno run -A bench/lib/discard_server.ts`; prints the ports for HTTP and gRPC.
 *
 * @module
 */

import { createServer } from "node:http";
import { Server, ServerCredentials } from "@grpc/grpc-js";

const same = (bytes: Buffer): Buffer => bytes;

const http = createServer((request, response) => {
  request.resume();
  request.on("end", () => response.writeHead(200).end());
});
await new Promise<void>((done) => http.listen(0, "127.0.0.1", done));
const address = http.address();

const grpc = new Server({ "grpc.max_receive_message_length": -1 });
grpc.addService({
  Export: {
    path: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  },
}, {
  Export: (_: unknown, answer: (error: null, value: Buffer) => void) =>
    answer(null, Buffer.alloc(0)),
});
const grpcPort = await new Promise<number>((resolve, reject) => {
  grpc.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error === null) resolve(port);
    else reject(error);
  });
});
if (address === null || typeof address === "string") throw new Error("no port was given");
console.log(`${address.port} ${grpcPort}`);
