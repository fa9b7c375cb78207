import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { chance, linesOfMessage, type ToldLine } from "./mail-log-message.ts";

/** What a log tells, as whoever wrote it knows. */
export interface LogTruth {
  readonly lines: number;
  /** Attempts by how they ended. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Refused at the door or by the filter. */
  readonly refused: number;
  /** Attempts by minute, direction, domain, provider, status and category, as a server is counted (rowName). */
  readonly rows: ReadonlyMap<string, number>;
}

/** Names a row of counts, whoever counted it. */
export function rowName(row: {
  readonly minute: number;
  readonly direction: string;
  readonly domain: string;
  readonly provider: string | null;
  readonly status: string;
  readonly category: string | null;
}): string {
  const { minute, direction, domain, provider, status, category } = row;
  return `${minute} ${direction} ${domain} ${provider} ${status} ${category}`;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const minuteMs = 60_000;

/**
 * What a busy mail server logs, second by second, until every message has left it: mail in and out, retries, bounces, refusals, and
 * what else is noted. The same messages in the same order each time.
 */
export function* mailStream({
  messages,
  messagesPerS,
}: {
  messages: number;
  messagesPerS: number;
}): Generator<readonly ToldLine[]> {
  const random = chance(1);
  const waiting = new Map<number, ToldLine[]>();
  for (let second = 0, number = 0; number < messages || waiting.size > 0; second += 1) {
    for (const end = Math.min(messages, number + messagesPerS); number < end; number += 1)
      for (const line of linesOfMessage(number, random)) {
        const due = second + line.afterS;
        const there = waiting.get(due);
        if (there === undefined) waiting.set(due, [line]);
        else there.push(line);
      }
    yield waiting.get(second) ?? [];
    waiting.delete(second);
  }
}

/** Counts what lines tell, as they come. */
export function createLogCount(): { add(at: number, lines: readonly ToldLine[]): void; read(): LogTruth } {
  const statuses: Record<string, number> = {};
  const rows = new Map<string, number>();
  let lines = 0;
  let refused = 0;
  return {
    add(at, told) {
      lines += told.length;
      for (const { attempt, isRefusal } of told) {
        if (isRefusal) refused += 1;
        if (attempt === undefined) continue;
        statuses[attempt.status] = (statuses[attempt.status] ?? 0) + 1;
        const name = rowName({ ...attempt, minute: Math.floor(at / minuteMs) * minuteMs });
        rows.set(name, (rows.get(name) ?? 0) + 1);
      }
    },
    read: () => ({ lines, statuses, refused, rows }),
  };
}

/** Writes such a log as Postfix itself writes it to a file, in UTC, and tells what stands in it. */
export async function writeMailLog(
  path: string,
  { beginsAt, ...size }: { messages: number; messagesPerS: number; beginsAt: number },
): Promise<LogTruth> {
  const file = createWriteStream(path);
  const count = createLogCount();
  let at = beginsAt;
  for (const lines of mailStream(size)) {
    count.add(at, lines);
    const stamp = stampOf(new Date(at));
    if (!file.write(lines.map(({ line }) => `${stamp} mail ${line}\n`).join(""))) await once(file, "drain");
    at += 1000;
  }
  file.end();
  await once(file, "finish");
  return count.read();
}

function stampOf(date: Date): string {
  const time = date.toISOString().slice(11, 19);
  return `${months[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${time}`;
}
