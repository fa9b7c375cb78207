import { connect } from "node:net";
import { connect as connectTls } from "node:tls";

export interface PortQuestion {
  port: number;
  isTls?: boolean;
  /** Sent at once, for a protocol in which the client speaks first. */
  request?: string;
  /** SMTP commands, each sent when the last has been answered (RFC 5321 §4.2.1). */
  commands?: readonly string[];
}

export interface PortAnswer {
  /** All that it said. */
  text: string;
  problem: string | null;
}

const answerWithinMs = 8_000;

/** Connects to a port of this host, on IPv4 or else IPv6, and gives what it says. */
export async function probePort(question: PortQuestion): Promise<PortAnswer> {
  const first = await askAddress("127.0.0.1", question);
  if (!first.problem?.includes("ECONNREFUSED")) return first;
  const second = await askAddress("::1", question);
  return second.problem === null ? second : first;
}

function askAddress(
  host: string,
  { port, isTls, request, commands = [] }: PortQuestion,
): Promise<PortAnswer> {
  return new Promise((resolve) => {
    // Our own loopback: the certificate's name and issuer say nothing about whether the service serves.
    const socket = isTls ? connectTls({ host, port, rejectUnauthorized: false }) : connect({ host, port });
    const waiting = [...commands];
    let text = "";
    let reply = "";
    const done = (problem: string | null) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ text, problem });
    };
    const timer = setTimeout(() => done("it did not answer in time"), answerWithinMs);
    if (request !== undefined) socket.write(request);
    socket.on("data", (data: Buffer) => {
      text += data.toString("latin1");
      reply += data.toString("latin1");
      if (commands.length > 0 && !/^\d{3}(?: .*)?\r\n$/m.test(reply)) return;
      reply = "";
      const next = waiting.shift();
      if (next === undefined) done(null);
      else socket.write(`${next}\r\n`);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    socket.once("close", () => done("it closed the connection before it had answered"));
  });
}
