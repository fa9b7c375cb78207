import { connect, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { connect as connectTls } from "node:tls";

/**
 * A client of its own address that guesses passwords, run as a process inside the lab's network:
 * `node password-guesser.ts JSON`. Prints how many guesses were answered and how the port behaves afterwards.
 */
interface Task {
  source: string;
  target: string;
  protocol: "submissions" | "imaps" | "managesieve";
  guesses: number;
  /** How long the door is knocked at while it stands open; 0 knocks once. */
  knockForMs: number;
}

const ports = { submissions: 465, imaps: 993, managesieve: 4190 } as const;
const connectWithinMs = 4000;
/** Knocking without a pause would bury the guesses under its own lines in the log that is read for them. */
const knockEveryMs = 250;

/** What is waited for and what is said, in turn. */
type Script = readonly (RegExp | string)[];

const token = Buffer.from("\0nobody@alpha.example\0wrong").toString("base64");
const scripts: Record<Task["protocol"], Script> = {
  submissions: [/^220 /m, "EHLO guesser.example", /^250 /m, `AUTH PLAIN ${token}`, /^535 /m],
  imaps: [/^\* OK/m, "a LOGIN nobody@alpha.example wrong", /^a NO/m],
  managesieve: [/^OK/m, `AUTHENTICATE "PLAIN" "${token}"`, /^NO/m],
};

const task = JSON.parse(process.argv[2] ?? "{}") as Task;
const answers = await Promise.allSettled(Array.from({ length: task.guesses }, () => guess(task)));
process.stdout.write(
  JSON.stringify({
    answered: answers.filter(({ status }) => status === "fulfilled").length,
    door: await tryDoor(task),
  }),
);
process.exit(0);

function open({ source, target, protocol }: Task): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: target, port: ports[protocol], localAddress: source });
    socket.setTimeout(connectWithinMs, () => socket.destroy(new Error("silent")));
    socket.once("connect", () => {
      socket.setTimeout(0);
      resolve(socket);
    });
    socket.once("error", reject);
  });
}

async function guess(current: Task): Promise<void> {
  const plain = await open(current);
  if (current.protocol === "managesieve") await converse(plain, [/^OK/m, "STARTTLS", /^OK/m]);
  const secure = connectTls({ socket: plain, rejectUnauthorized: false });
  try {
    await converse(secure, scripts[current.protocol]);
  } finally {
    secure.destroy();
  }
}

function converse(socket: Socket, script: Script): Promise<void> {
  const steps = [...script];
  let received = "";
  return new Promise<void>((resolve, reject) => {
    const onData = (chunk: Buffer) => {
      received += chunk.toString("latin1");
      if (!(steps[0] instanceof RegExp) || !steps[0].test(received)) return;
      received = "";
      steps.shift();
      const line = steps.shift();
      if (line !== undefined) return void socket.write(`${String(line)}\r\n`);
      socket.off("data", onData);
      resolve();
    };
    socket.setTimeout(30_000, () => reject(new Error("no answer")));
    socket.on("data", onData);
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("closed")));
  });
}

/** "silent" is what a dropped packet looks like; "refused" is an answer. */
async function tryDoor(current: Task): Promise<"open" | "silent" | "refused"> {
  const deadline = Date.now() + current.knockForMs;
  for (;;) {
    try {
      (await open(current)).destroy();
    } catch (error) {
      return error instanceof Error && error.message === "silent" ? "silent" : "refused";
    }
    if (Date.now() >= deadline) return "open";
    await setTimeout(knockEveryMs);
  }
}
