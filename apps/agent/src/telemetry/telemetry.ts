import type { AgentFrame, GatewayFrame } from "@mailstead/core/wire";
import { readTextIfExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { log } from "../platform/log.ts";
import { agentPaths } from "../platform/paths.ts";
import { openFileLog } from "./file-log.ts";
import { openJournalLog } from "./journal-log.ts";
import type { MailLog } from "./mail-log.ts";
import { type DeliveryReader, openDeliveryReader } from "./read-deliveries.ts";
import { forgetStored, readFirstBatch, readReadState } from "./telemetry-store.ts";

/** What this host tells of its mail without being asked. */
export interface Telemetry {
  /** A new connection: what was under way on the last one is sent again. */
  connected(): void;
  /** What the gateway has stored is forgotten, and the next is sent. */
  stored(frame: Extract<GatewayFrame, { type: "telemetry-stored" }>): void;
  /** Reads the log now and not at its next turn. Resolves when that is over, also where it could not be read. */
  readNow(): Promise<void>;
  close(): void;
}

const readEveryMs = 60_000;

/** Reads the mail log every minute, and sends what it came to while there is a connection. */
export function openTelemetry({
  host,
  send,
}: {
  host: Host;
  send: (frame: AgentFrame) => boolean;
}): Telemetry {
  const storePath = host.path(agentPaths.telemetry);
  let reader: DeliveryReader | null = null;
  /** What was sent on this connection and is not yet stored. */
  let underWay: string | null = null;
  let turn: Promise<void> = Promise.resolve();

  async function read(): Promise<void> {
    try {
      const mailLog = await openMailLog(host);
      if (reader !== null && reader.source !== mailLog.source) {
        // What the log that was told off still holds.
        await reader.read();
        reader = null;
      }
      reader ??= openDeliveryReader({ storePath, log: mailLog, state: await readReadState(storePath) });
      const { dropped } = await reader.read();
      if (dropped > 0)
        log("warning", `${dropped} batches of counts were dropped, because nobody has taken them for long`);
    } catch (error) {
      // What it holds in memory may be ahead of what was kept.
      reader = null;
      throw error;
    }
    await sendFirst();
  }

  async function sendFirst(): Promise<void> {
    const first = await readFirstBatch(storePath);
    if (first === null) return;
    const name = `${first.epoch} ${first.sequence}`;
    if (name !== underWay && send({ type: "telemetry", stream: "delivery", ...first })) underWay = name;
  }

  /** One thing at a time touches the store. What went wrong is tried again at the next turn. */
  function after(work: () => Promise<void>): Promise<void> {
    turn = turn
      .then(work)
      .catch((error: Error) => log("warning", `what mail does here could not be counted: ${error.message}`));
    return turn;
  }

  const timer = setInterval(() => void after(read), readEveryMs);
  return {
    connected() {
      underWay = null;
      void after(read);
    },
    stored: ({ epoch, sequence }) =>
      void after(async () => {
        await forgetStored(storePath, { epoch, sequence });
        await sendFirst();
      }),
    readNow: () => after(read),
    close: () => clearInterval(timer),
  };
}

/** Postfix logs to a file of its own where main.cf names one (postlogd(8)), else to the journal. */
async function openMailLog(host: Host): Promise<MailLog> {
  const mainCf = (await readTextIfExists(host.path("/etc/postfix/main.cf"))) ?? "";
  const file = /^maillog_file\s*=\s*(\/\S+)/m.exec(mainCf)?.[1];
  return file === undefined || file.startsWith("/dev/") ? openJournalLog(host) : openFileLog(host, file);
}
