import { readMessageStep } from "@mailstead/core/delivery";
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

type Reading = Pick<Awaited<ReturnType<DeliveryReader["read"]>>, "lines" | "dropped">;

/** Counts what becomes of the host's mail, by its log. */
export function deliverySource(host: Host, storePath: string): TelemetrySource {
  let reader: DeliveryReader | null = null;
  /** Of readings of a log that was told off, one after the other: each is given as many. */
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

  /** Reads on in a log. */
  async function readOn(mailLog: MailLog): Promise<Reading> {
    reader ??= await openReader(mailLog);
    return await reader.read();
  }

  /** Whether Postfix logs there by now: main.cf names it from the edit on, and Postfix goes there when it is told to reload. */
  async function hasBegun(mailLog: MailLog): Promise<boolean> {
    const { position } = await readReadState(storePath);
    // An agent of before did not keep the time.
    if (position?.at === undefined) return true;
    let tellsOfMessage = false;
    await mailLog.read({ afterMs: position.at }, (record) => {
      // Other programs log to the journal wherever Postfix does.
      tellsOfMessage ||= readMessageStep(record) !== null;
    });
    return tellsOfMessage;
  }

  /**
   * Reads on in the log that was told off, until the one that is to follow it has begun; then to its end. One that cannot be
   * read any more does not hold up the new one for long.
   */
  async function readToldOff(source: string, next: MailLog): Promise<Reading & { isOver: boolean }> {
    const toldOff = logNamed(host, source);
    let first: Reading;
    try {
      first = await readOn(toldOff);
      failures = 0;
    } catch (error) {
      reader = null;
      failures += 1;
      if (failures < failuresMax || !(await hasBegun(next))) throw error;
      failures = 0;
      log("warning", `what ${source} still held is left out: ${(error as Error).message}`);
      return { lines: 0, dropped: 0, isOver: true };
    }
    if (!(await hasBegun(next))) return { ...first, isOver: false };
    // What came into it before the new one got its first line.
    const last = await readOn(toldOff);
    reader = null;
    return { ...sumOf(first, last), isOver: true };
  }

  async function readLog(): Promise<Reading> {
    const mailLog = await openMailLog(host);
    const position = reader ?? (await readReadState(storePath)).position;
    if (position === null || position.source === mailLog.source) {
      failures = 0;
      return await readOn(mailLog);
    }
    const { isOver, ...old } = await readToldOff(position.source, mailLog);
    return isOver ? sumOf(old, await readOn(mailLog)) : old;
  }

  return {
    stream: "delivery",
    what: "the mail log",
    everyMs: 60_000,
    async read() {
      try {
        const { lines, dropped } = await readLog();
        return { dropped, isBusy: lines >= busyLines };
      } catch (error) {
        // What it holds in memory may be ahead of what was kept.
        reader = null;
        throw error;
      }
    },
  };
}

function sumOf(one: Reading, other: Reading): Reading {
  return { lines: one.lines + other.lines, dropped: one.dropped + other.dropped };
}

/**
 * Postfix logs to a file of its own where main.cf names one (postlogd(8)), else to the journal. Of settings of one name the last
 * holds, and a line that begins with a blank goes on with the one before it (postconf(5)).
 */
export async function openMailLog(host: Host): Promise<MailLog> {
  const mainCf = (await readTextIfExists(host.path("/etc/postfix/main.cf"))) ?? "";
  const settings = [...mainCf.matchAll(/^maillog_file[ \t]*=[ \t]*(?:\n[ \t]+)?(\S*)/gm)];
  const file = settings.at(-1)?.[1] ?? "";
  return file.startsWith("/") && !file.startsWith("/dev/") ? openFileLog(host, file) : openJournalLog(host);
}

/** The log that calls itself so. */
function logNamed(host: Host, source: string): MailLog {
  return source.startsWith(fileSource)
    ? openFileLog(host, source.slice(fileSource.length))
    : openJournalLog(host);
}
