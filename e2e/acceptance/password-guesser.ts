import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/**
 * A client of its own address that guesses passwords, run as a process inside the lab's network:
 * `node password-guesser.ts JSON`. Prints how many guesses were answered and how the port behaves afterwards.
 */
interface Task {
  source: string;
  target: string;
  protocol: "submissions" | "imaps";
  guesses: number;
}

const ports = { submissions: 465, imaps: 993 } as const;
const connectWithinMs = 4000;

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
  const secure = connectTls({ socket: plain, rejectUnauthorized: false });
  const token = Buffer.from("\0nobody@alpha.example\0wrong").toString("base64");
  const script =
    current.protocol === "submissions"
      ? [/^220 /m, "EHLO guesser.example", /^250 /m, `AUTH PLAIN ${token}`, /^535 /m]
      : [/^\* OK/m, "a LOGIN nobody@alpha.example wrong", /^a NO/m];
  let received = "";
  await new Promise<void>((resolve, reject) => {
    const step = () => {
      const [expected, ...rest] = script;
      if (!(expected instanceof RegExp) || !expected.test(received)) return;
      received = "";
      script.splice(0, script.length, ...rest);
      const line = script.shift();
      if (line === undefined) resolve();
      else secure.write(`${String(line)}\r\n`);
    };
    secure.setTimeout(30_000, () => reject(new Error("no answer")));
    secure.on("data", (chunk: Buffer) => {
      received += chunk.toString("latin1");
      step();
    });
    secure.on("error", reject);
    secure.on("close", () => reject(new Error("closed")));
  }).finally(() => secure.destroy());
}

/** "silent" is what a dropped packet looks like; "refused" is an answer. */
async function tryDoor(current: Task): Promise<"open" | "silent" | "refused"> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    try {
      (await open(current)).destroy();
    } catch (error) {
      return error instanceof Error && error.message === "silent" ? "silent" : "refused";
    }
    if (Date.now() > deadline) return "open";
    await new Promise((resolve) => setImmediate(resolve));
  }
}
