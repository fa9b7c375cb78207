import { connect } from "node:net";

/**
 * A client of an address of its own on port 25, run as a process inside the lab's network:
 * `node port25-client.ts JSON`. Prints everything that the server said. A patient client speaks when it is greeted, a
 * hasty one before; both wait for each answer from then on.
 */
const task = JSON.parse(process.argv[2] ?? "{}") as {
  source: string;
  target: string;
  isPatient: boolean;
  lines: string[];
};

const socket = connect({ host: task.target, port: 25, localAddress: task.source });
const lines = [...task.lines, "QUIT"];
let received = "";
let answers = 0;
const say = () => socket.write(`${lines.shift() ?? ""}\r\n`);
socket.on("connect", () => {
  if (!task.isPatient) say();
});
socket.on("data", (chunk: Buffer) => {
  received += chunk.toString("latin1");
  const complete = received.match(/^\d{3}(?: .*)?\r\n/gm)?.length ?? 0;
  for (; answers < complete; answers += 1) {
    const isGreeting = answers === 0;
    if (lines.length > 0 && (task.isPatient || !isGreeting)) say();
  }
});
socket.on("error", () => socket.destroy());
socket.on("close", () => process.stdout.write(received));
