import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { StartError } from "./start-error.ts";

const answerTimeoutMs = 5_000;

/** Asks the Redis of REDIS_URL for a sign of life, with its password. Throws StartError with one sentence. */
export async function requireRedis(redisUrl: string): Promise<void> {
  const url = new URL(redisUrl);
  const advice = "correct REDIS_URL, or unset it to let Postgres carry the queue";
  let reply: string;
  try {
    reply = await ping(url);
  } catch (cause) {
    throw new StartError(
      `Redis at ${url.host} cannot be reached (${(cause as Error).message}); start it, or ${advice}.`,
      { cause },
    );
  }
  if (reply.startsWith("-"))
    throw new StartError(`Redis at ${url.host} refuses the password of REDIS_URL; ${advice}.`);
  if (!/^\+PONG/m.test(reply)) throw new StartError(`What answers at ${url.host} is not a Redis; ${advice}.`);
}

function ping(url: URL): Promise<string> {
  const port = Number(url.port || 6379);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const socket: Socket =
    url.protocol === "rediss:" ? connectTls({ host, port, servername: host }) : connectTcp({ host, port });
  const password = decodeURIComponent(url.password);
  const user = decodeURIComponent(url.username) || "default";
  const commands = [...(password ? [["AUTH", user, password]] : []), ["PING"]];
  return new Promise((resolve, reject) => {
    let reply = "";
    socket.setTimeout(answerTimeoutMs, () => socket.destroy(new Error("no answer")));
    socket.once("error", reject);
    socket.once("close", () => resolve(reply));
    socket.on("data", (chunk) => {
      reply += chunk.toString("latin1");
      const isComplete = /^\+PONG\r\n|^-.*\r\n/m.test(reply) || !/^[+-]/.test(reply);
      if (isComplete) socket.end();
    });
    socket.write(commands.map(encodeCommand).join(""));
  });
}

/** RESP: an array of bulk strings. */
function encodeCommand(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;
}
