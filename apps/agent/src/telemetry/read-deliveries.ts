import {
  batchesOf,
  createDeliveryCounter,
  createDeliveryTracker,
  readMessageStep,
  type TrackedDelivery,
} from "@mailstead/core/delivery";
import { isProbeAddress } from "@mailstead/core/mailboxes";
import { createTraceRecorder } from "@mailstead/core/trace";
import { releaseText } from "../platform/trim-memory.ts";
import { type AccountSending, sendingOf } from "./account-records.ts";
import type { LogStart, MailLog } from "./mail-log.ts";
import { ownAddressFor } from "./own-address.ts";
import { keepReading, type ReadState } from "./read-state.ts";
import { createAttemptCounter } from "./recent-attempts.ts";
import type { SeenProviders } from "./seen-providers.ts";

/** Follows the mail of this host through its log. */
export interface DeliveryReader {
  readonly source: string;
  /** Reads what was logged since, and keeps what it came to. Says how many lines there were, and what waits to be told now. */
  read(): Promise<{ lines: number; batches: number; dropped: number }>;
}

/** Lines between two looks at what they came to, so that no more of them lie in memory at once. */
export const linesAtOnceMax = 2500;

/**
 * Goes on where the last reading ended: a line is counted in the transaction that moves the cursor past it. After a
 * reading that failed the reader goes on from what was kept, so it must be opened anew.
 */
export function openDeliveryReader(input: {
  storePath: string;
  log: MailLog;
  state: ReadState;
  nowUnixMs: () => number;
  /** Told of deliveries by which the host learns who receives for a domain. */
  seen: SeenProviders;
}): DeliveryReader {
  const { storePath, log, seen } = input;
  const { source } = log;
  const { position } = input.state;
  let start = startOf(position, source);
  // What is logged from now on is later than that.
  let lastAt = position?.at ?? input.nowUnixMs();
  const tracker = createDeliveryTracker(input.state.tracker);
  const recorder = createTraceRecorder(input.state.traceSessions);
  return {
    source,
    async read() {
      const counter = createDeliveryCounter(ownAddressFor());
      const attempts = createAttemptCounter();
      let sendings: AccountSending[] = [];
      const kept = { lines: 0, batches: 0, dropped: 0 };
      let sinceKept = 0;
      // Kept one after the other, each with its cursor; after one that failed none follows.
      let keeping: Promise<void> = Promise.resolve();
      const keep = (upTo: string) => {
        const batches = batchesOf(counter.read());
        const changes = tracker.readChanges();
        const learned = sendings;
        const counted = attempts.read();
        sendings = [];
        // A clock that was ahead and was put right does not hold up another log until then.
        lastAt = Math.min(lastAt, input.nowUnixMs());
        const at = lastAt;
        const trace = { ...recorder.readChanges(), readAt: input.nowUnixMs() };
        start = upTo;
        sinceKept = 0;
        keeping = keeping.then(async () => {
          kept.dropped += await keepReading(storePath, {
            position: { source, cursor: upTo, at },
            changes,
            batches,
            sendings: learned,
            attempts: counted,
            trace,
          });
          kept.batches += batches.length;
          releaseText();
        });
        // Awaited below; until then its failure is nobody's.
        keeping.catch(() => undefined);
      };
      const count = (delivery: TrackedDelivery) => {
        // What the host writes to itself to try its mail is nobody's.
        if (isProbeAddress(delivery.to)) return;
        counter.add(delivery);
        attempts.take(delivery);
        const sending = sendingOf(delivery);
        if (sending !== null) sendings.push(sending);
        seen.take(delivery);
      };
      const reached = await log.read(start, (record, readCursor) => {
        const step = readMessageStep(record);
        for (const delivery of tracker.take(record, step)) count(delivery);
        recorder.take(record, step);
        if (step !== null) attempts.refuse(step);
        // Other programs go on logging to the journal when Postfix logs elsewhere.
        if (step !== null) lastAt = record.at;
        kept.lines += 1;
        sinceKept += 1;
        if (sinceKept >= linesAtOnceMax) keep(readCursor());
      });
      for (const delivery of tracker.settle(input.nowUnixMs())) count(delivery);
      // Also where nothing was logged: the index says up to when that is known.
      keep(reached);
      await keeping;
      await seen.keep();
      return kept;
    },
  };
}

/** Another log goes on where the last one was told off, as far as that is known. */
function startOf(position: ReadState["position"], source: string): LogStart {
  if (position?.source === source) return position.cursor;
  return position?.at === undefined ? null : { afterMs: position.at };
}
