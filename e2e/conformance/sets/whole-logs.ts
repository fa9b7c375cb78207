import { isDeepStrictEqual } from "node:util";
import {
  createDeliveryTracker,
  type LogRecord,
  type PostfixLine,
  parsePostfixLine,
  parseSyslogLine,
  postfixProgram,
} from "@mailstead/core/delivery";
import type { Material } from "../material.ts";
import { type ScoreBook, shown } from "../score.ts";

type Counted = Record<string, number>;

interface Counts {
  readonly deliveries: Counted;
  readonly by_process: Counted;
  /** Attempts at hosts other than this one. */
  readonly external: Counted;
  readonly queue_ids: number;
  readonly rejects: number;
  readonly milter_rejects: number;
  readonly expired: number;
  readonly sasl: readonly string[];
  readonly connects: number;
}

/** What the tracker of others gives: how many deliveries, and how some of them ended, by their place. */
interface OtherTracker {
  readonly results: number;
  readonly statuses: Readonly<Record<string, string>>;
}

// Lines of the old kind name no year; any day that lies after all of them will do.
const readAt = Date.parse("2026-12-31");

/** Whole logs: what a count of their lines gives, and what becomes of each message. */
export async function scoreWholeLogs(material: Material, book: ScoreBook): Promise<void> {
  const counts = book.open("counts", 1);
  const tracked = book.open("deliveries as another tracker has them");
  const known = Object.entries(material.json<Record<string, Counts>>("expected-counts.json") ?? {});
  for (const [file, wanted] of known) {
    const records = recordsOf(material, file);
    if (records === null) continue;
    await book.attempt(file, counts, () => {
      for (const [name, found] of Object.entries(countLog(records))) {
        const value = wanted[name as keyof Counts];
        if (value === undefined) continue;
        counts.add(isDeepStrictEqual(found, value), `${file}: ${name} ${shown(found)}, not ${shown(value)}`);
      }
    });
  }
  const others = material.json<Record<string, OtherTracker>>("expected-lightmeter-tracking.json") ?? {};
  for (const [file, { results, statuses }] of Object.entries(others)) {
    const records = recordsOf(material, file);
    if (records === null) continue;
    await book.attempt(file, tracked, () => {
      const ended = track(records).map(({ status }) => status);
      const isAlike = Object.entries(statuses).every(
        ([place, status]) => status === `${titled(ended[Number(place)] ?? "")}Status`,
      );
      tracked.add(
        ended.length === results && isAlike,
        `${file}: ${ended.length} ${shown(ended)}, not ${results} ${shown(statuses)}`,
      );
    });
  }
}

function recordsOf(material: Material, file: string): readonly LogRecord[] | null {
  const text = material.text(file);
  return text === null ? null : text.split("\n").flatMap((line) => parseSyslogLine(line, readAt) ?? []);
}

function track(records: readonly LogRecord[]) {
  const tracker = createDeliveryTracker();
  const deliveries = records.flatMap((record) => [...tracker.take(record)]);
  return [...deliveries, ...tracker.settle(readAt)];
}

function countLog(records: readonly LogRecord[]): Counts {
  const lines = records.flatMap((record) => {
    const program = postfixProgram(record.program);
    const line = program === null ? null : parsePostfixLine(program.daemon, record.message);
    return program === null || line === null ? [] : [{ program, line, message: record.message }];
  });
  // Their count of attempts knows Postfix's first instance alone.
  const attempts = lines.filter(
    (one): one is typeof one & { line: Extract<PostfixLine, { kind: "delivery" }> } =>
      one.line.kind === "delivery" && one.program.instance === "postfix",
  );
  const refusals = lines.flatMap(({ line }) => (line.kind === "refusal" ? [line.action] : []));
  const outside = track(records.filter(({ program }) => program.startsWith("postfix/"))).filter(
    ({ direction, status }) => direction === "outbound" && status !== "expired",
  );
  const users = lines.flatMap(({ line }) => (line.kind === "received" ? (line.saslUsername ?? []) : []));
  return {
    deliveries: tally(attempts.map(({ line }) => line.status)),
    by_process: tally(attempts.map(({ program }) => program.daemon)),
    external: tally(outside.map(({ status }) => status)),
    queue_ids: new Set(attempts.map(({ line }) => line.queueId)).size,
    rejects: refusals.filter((action) => action === "reject").length,
    milter_rejects: refusals.filter((action) => action === "milter-reject").length,
    expired: lines.filter(({ line }) => line.kind === "expired").length,
    sasl: [...new Set(users)].sort(),
    connects: lines.filter(({ line }) => line.kind === "connected").length,
  };
}

function tally(words: readonly string[]): Counted {
  const counted: Counted = {};
  for (const word of words) counted[word] = (counted[word] ?? 0) + 1;
  return counted;
}

function titled(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
