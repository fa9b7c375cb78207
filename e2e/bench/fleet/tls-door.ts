// A TLS listener before the gateways, as a proxy in production; started by doors.ts, which hands it the socket it listens on.
import { connect, type Server as NetServer, type Socket } from "node:net";
import { createServer } from "node:tls";

/** What a door is told over IPC. */
export type ToDoor =
  | {
      readonly kind: "open";
      readonly certificate: string;
      readonly key: string;
      readonly localAddress: string;
    }
  | { readonly kind: "upstreams"; readonly ports: readonly number[] };

let ports: readonly number[] = [];
let next = 0;

process.on("message", (message: ToDoor, listener: unknown) => {
  if (message.kind === "upstreams") ports = message.ports;
  else open(message, listener as NetServer);
});
process.once("disconnect", () => process.exit(0));
process.on("SIGINT", () => undefined);

function open(
  { certificate, key, localAddress }: Extract<ToDoor, { kind: "open" }>,
  listener: NetServer,
): void {
  const server = createServer({ cert: certificate, key }, (inside) => {
    const port = ports[next % Math.max(1, ports.length)];
    next += 1;
    if (port === undefined) return void inside.destroy();
    const outside: Socket = connect({ host: "127.0.0.1", port, localAddress });
    outside.setNoDelay(true);
    inside.setNoDelay(true);
    const end = () => {
      inside.destroy();
      outside.destroy();
    };
    for (const stream of [inside, outside]) stream.once("error", end).once("close", end);
    inside.pipe(outside);
    outside.pipe(inside);
  });
  // A client that goes while it greets is nobody's problem.
  server.on("tlsClientError", () => undefined);
  listener.on("connection", (socket) => server.emit("connection", socket));
}
