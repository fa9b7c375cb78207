import { connect } from "node:net";

/**
 * A client that talks before it is greeted, run as a process inside the lab's network: `node hasty-client.ts JSON`.
 * Prints everything that the server said.
 */
const task = JSON.parse(process.argv[2] ?? "{}") as {
  source: string;
  target: string;
  opening: string;
  afterGreeting: string;
};

const socket = connect({ host: task.target, port: 25, localAddress: task.source });
let received = "";
let hasTalked = false;
socket.on("connect", () => socket.write(task.opening));
socket.on("data", (chunk: Buffer) => {
  received += chunk.toString("latin1");
  if (hasTalked || !/^250 /m.test(received)) return;
  hasTalked = true;
  socket.write(task.afterGreeting);
});
socket.on("error", () => socket.destroy());
socket.on("close", () => process.stdout.write(received));
