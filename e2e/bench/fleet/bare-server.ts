// Bare `ws` sockets, for comparison: accepts what comes at /agent/link, asks for signs of life as the gateway does, and no more.
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

const pingEveryMs = 30_000;

process.once("message", ({ certificate, key }: { certificate: string | null; key: string | null }) => {
  const server =
    certificate === null || key === null ? createServer() : createTlsServer({ cert: certificate, key });
  const sockets = new WebSocketServer({ server, perMessageDeflate: false, clientTracking: true });
  sockets.on("connection", (socket: WebSocket) => {
    socket.on("error", () => undefined);
    socket.on("message", () => undefined);
  });
  setInterval(() => {
    for (const socket of sockets.clients) socket.ping();
  }, pingEveryMs);
  server.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () =>
    process.send?.({ port: (server.address() as AddressInfo).port }),
  );
});
process.once("disconnect", () => process.exit(0));
process.on("SIGINT", () => undefined);
