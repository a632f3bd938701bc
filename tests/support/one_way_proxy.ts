/**
 * A TCP proxy that can keep back what clients send while still handing them what the server sends: acknowledgements get
 * lost, deliveries do not.
 */

import { connect, createServer, type Socket } from "node:net";

/** A running proxy. */
export interface OneWayProxy extends AsyncDisposable {
  readonly port: number;
  /** Keeps back everything clients send from now on. */
  mute(): void;
  /** Ends all connections, dropping what was kept back; new connections work both ways. */
  reset(): void;
}

/** Starts a proxy in front of a port of this machine. */
export async function startOneWayProxy(targetPort: number): Promise<OneWayProxy> {
  let muted = false;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const target = connect(targetPort, "127.0.0.1");
    for (const [socket, other] of [[client, target], [target, client]] as const) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on("data", (chunk) => {
      if (!muted) target.write(chunk);
    });
    target.on("data", (chunk) => client.write(chunk));
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address !== null && typeof address === "object") resolve(address.port);
      else reject(new Error("no port was given"));
    });
  });
  const reset = () => {
    for (const socket of sockets) socket.destroy();
    muted = false;
  };
  return {
    port,
    mute: () => void (muted = true),
    reset,
    async [Symbol.asyncDispose]() {
      reset();
      await new Promise((done) => server.close(done));
    },
  };
}
