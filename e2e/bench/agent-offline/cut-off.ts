// cut-off.ts PROGRAM FOLDER LOG HOURS BEGINS: runs a program in a network of its own in which there is nobody but a gateway that takes
// nothing. Started by agent-offline-bench.ts under unshare(1); prints how often the agent knocked.

import { execFileSync, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { WebSocketServer } from "ws";

const [program = "", folder = "", ...args] = process.argv.slice(2);
execFileSync("ip", ["link", "set", "lo", "up"]);

let knocks = 0;
const sockets = new WebSocketServer({ noServer: true });
const server = createServer();
/** One way after the other: a proxy without a gateway, a line that breaks, a gateway that is full, one that falls silent and goes. */
server.on("upgrade", (request, socket, head) => {
  knocks += 1;
  const way = knocks % 4;
  if (way === 0)
    socket.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  else if (way === 1) socket.destroy();
  else
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const sentence =
        "The gateway is taking in many servers at the moment; the agent tries again by itself.";
      if (way === 2)
        webSocket.send(JSON.stringify({ type: "refused", code: "busy", sentence, retryAfterMs: 30_000 }));
      webSocket.close();
    });
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  const child = spawn(program, [folder, ...args, `ws://127.0.0.1:${port}/agent/link`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  child.stdout.pipe(createWriteStream(join(folder, "agent.log")));
  child.on("close", (code) => {
    process.stdout.write(`${knocks}\n`);
    process.exit(code ?? 1);
  });
});
