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

// Longer than postscreen makes a client wait for its greeting.
const answerWithinMs = 40_000;
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
  const complete = received.match(/^\d{3}(?: .*)?\r\n/gm) ?? [];
  // To a hasty client postscreen never ends its greeting, and answers its first line at once.
  for (const answer of complete.slice(answers))
    if (lines.length > 0 && (task.isPatient || !answer.startsWith("220"))) say();
  answers = complete.length;
});
socket.setTimeout(answerWithinMs, () => {
  process.stderr.write(`Nothing came within ${answerWithinMs / 1000} s after: ${received}`);
  process.exit(1);
});
socket.on("error", () => socket.destroy());
socket.on("close", () => process.stdout.write(received));
