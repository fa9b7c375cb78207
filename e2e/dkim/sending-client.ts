// node sending-client.ts CONFIG-JSON: submits messages at an even pace until its input ends, and prints the id of each
// message that the server has taken. What a server refuses or is not there to take is tried again, so that none is lost.

import { setTimeout as pause } from "node:timers/promises";
import nodemailer from "nodemailer";

export interface SendingConfig {
  /** Put in front of the ids, which must be unique in a run. */
  readonly prefix: string;
  readonly server: string;
  readonly account: { readonly address: string; readonly password: string };
  readonly recipients: readonly string[];
  readonly perSecond: number;
}

/** One line of output. */
export interface TakenMessage {
  readonly id: string;
  readonly atMs: number;
}

const connectionsMax = 4;
const pauseAfterFailureMs = 250;
const tickMs = 50;

if (import.meta.main) await send(JSON.parse(process.argv[2] ?? "") as SendingConfig);

async function send(config: SendingConfig): Promise<void> {
  const { address, password } = config.account;
  const transport = nodemailer.createTransport({
    host: config.server,
    port: 587,
    requireTLS: true,
    // The certificate is self-signed until certificates are automated, so a client is told to take it.
    tls: { rejectUnauthorized: false },
    auth: { user: address, pass: password },
    pool: true,
    maxConnections: connectionsMax,
    maxMessages: Number.POSITIVE_INFINITY,
    connectionTimeout: 3_000,
    greetingTimeout: 5_000,
    socketTimeout: 20_000,
  });
  let isOver = false;
  process.stdin.resume().once("end", () => {
    isOver = true;
  });
  const startedMs = performance.now();
  const due: string[] = [];
  let made = 0;
  const makeDue = async (): Promise<void> => {
    while (!isOver) {
      const wanted = Math.floor(((performance.now() - startedMs) / 1000) * config.perSecond);
      for (; made < wanted; made += 1) due.push(`${config.prefix}-${made}`);
      await pause(tickMs);
    }
  };
  const work = async (): Promise<void> => {
    while (!isOver || due.length > 0) {
      const id = due.shift();
      if (id === undefined) {
        await pause(tickMs);
        continue;
      }
      try {
        await transport.sendMail(messageOf(config, id));
        const taken: TakenMessage = { id, atMs: Date.now() };
        process.stdout.write(`${JSON.stringify(taken)}\n`);
      } catch (cause) {
        process.stderr.write(`${id}: ${String(cause)}\n`);
        due.unshift(id);
        await pause(pauseAfterFailureMs);
      }
    }
  };
  await Promise.all([makeDue(), ...Array.from({ length: connectionsMax }, work)]);
  transport.close();
}

function messageOf({ account, recipients }: SendingConfig, id: string) {
  const domain = account.address.slice(account.address.lastIndexOf("@") + 1);
  return {
    envelope: { from: account.address, to: [...recipients] },
    from: account.address,
    to: [...recipients],
    messageId: `<${id}@${domain}>`,
    subject: `Message ${id}`,
    text: `This is message ${id}. It is sent while the keys of ${domain} are rotated.\n`,
  };
}
