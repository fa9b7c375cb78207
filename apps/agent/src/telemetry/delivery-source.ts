import { readTextIfExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { log } from "../platform/log.ts";
import { fileSource, openFileLog } from "./file-log.ts";
import { openJournalLog } from "./journal-log.ts";
import type { MailLog } from "./mail-log.ts";
import { type DeliveryReader, openDeliveryReader } from "./read-deliveries.ts";
import { readReadState } from "./read-state.ts";
import { createSeenProviders } from "./seen-providers.ts";
import type { TelemetrySource } from "./telemetry-source.ts";

/** What is read at once grows in memory while it is worked on, so a host that logs more than this in a turn is read more often. */
const busyLines = 2000;
const failuresMax = 5;

/** Counts what becomes of the host's mail, by its log. */
export function deliverySource(host: Host, storePath: string): TelemetrySource {
  let reader: DeliveryReader | null = null;
  /** Of readings of a log that was told off, one after the other. */
  let failures = 0;

  async function openReader(mailLog: MailLog): Promise<DeliveryReader> {
    const state = await readReadState(storePath);
    return openDeliveryReader({
      storePath,
      log: mailLog,
      state,
      nowUnixMs: host.nowUnixMs,
      seen: createSeenProviders(host),
    });
  }

  /** Reads what the log that was told off still holds. One that cannot be read any more does not hold up the new one for long. */
  async function readToldOff(source: string): Promise<void> {
    try {
      await (reader ?? (await openReader(logNamed(host, source)))).read();
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures < failuresMax) throw error;
      log("warning", `what ${source} still held is left out: ${(error as Error).message}`);
    }
  }

  async function readLog(): Promise<{ dropped: number; isBusy: boolean }> {
    const mailLog = await openMailLog(host);
    const { position } = reader === null ? await readReadState(storePath) : { position: reader };
    if (position !== null && position.source !== mailLog.source) {
      await readToldOff(position.source);
      reader = null;
    }
    reader ??= await openReader(mailLog);
    const { dropped, lines } = await reader.read();
    return { dropped, isBusy: lines >= busyLines };
  }

  return {
    stream: "delivery",
    what: "the mail log",
    everyMs: 60_000,
    read: () =>
      readLog().catch((error: unknown) => {
        // What it holds in memory may be ahead of what was kept.
        reader = null;
        throw error;
      }),
  };
}

/** Postfix logs to a file of its own where main.cf names one (postlogd(8)), else to the journal. */
async function openMailLog(host: Host): Promise<MailLog> {
  const mainCf = (await readTextIfExists(host.path("/etc/postfix/main.cf"))) ?? "";
  const file = /^maillog_file\s*=\s*(\/\S+)/m.exec(mainCf)?.[1];
  return file === undefined || file.startsWith("/dev/") ? openJournalLog(host) : openFileLog(host, file);
}

/** The log that calls itself so. */
function logNamed(host: Host, source: string): MailLog {
  return source.startsWith(fileSource)
    ? openFileLog(host, source.slice(fileSource.length))
    : openJournalLog(host);
}
