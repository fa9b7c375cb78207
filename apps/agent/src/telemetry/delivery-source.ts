import { readTextIfExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { openFileLog } from "./file-log.ts";
import { openJournalLog } from "./journal-log.ts";
import type { MailLog } from "./mail-log.ts";
import { type DeliveryReader, openDeliveryReader } from "./read-deliveries.ts";
import { readReadState } from "./read-state.ts";
import { createSeenProviders } from "./seen-providers.ts";
import type { TelemetrySource } from "./telemetry-source.ts";

/** What is read at once grows in memory while it is worked on, so a host that logs more than this in a turn is read more often. */
const busyLines = 2000;

/** Counts what becomes of the host's mail, by its log. */
export function deliverySource(host: Host, storePath: string): TelemetrySource {
  let reader: DeliveryReader | null = null;

  async function readLog(): Promise<{ dropped: number; isBusy: boolean }> {
    const mailLog = await openMailLog(host);
    if (reader !== null && reader.source !== mailLog.source) {
      // What the log that was told off still holds.
      await reader.read();
      reader = null;
    }
    reader ??= openDeliveryReader({
      storePath,
      log: mailLog,
      state: await readReadState(storePath),
      nowUnixMs: host.nowUnixMs,
      seen: createSeenProviders(host),
    });
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
