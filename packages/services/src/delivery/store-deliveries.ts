import {
  type DeliveryBatch,
  deliveryBatchSchema,
  foldCounts,
  type PeriodCount,
  readDeliveryBatch,
} from "@mailstead/core/delivery";
import { insertMany, newId, replySamples, type Transaction } from "@mailstead/db";
import { sql } from "drizzle-orm";
import type { StreamOwner, StreamReader, ToldBatch } from "../telemetry/index.ts";
import { columnsOf, paramsOf } from "./count-columns.ts";
import { writePending } from "./pending-hours.ts";
import { clocksApartMaxMs, hourMs, keptForMs, minuteMs, samplesKeptForMs } from "./periods.ts";

/**
 * Adds what hosts counted to the minutes, keeps the replies that came along, and notes what is to be added to hours and days,
 * which `rollUpDeliveries` does.
 */
export const deliveryStream: StreamReader<DeliveryBatch> = {
  schema: deliveryBatchSchema,
  readInPart: readDeliveryBatch,
  store: (tx, { now, ...told }) => storeTogether(tx, [told], now),
  storeTogether,
};

async function storeTogether(
  tx: Transaction,
  told: readonly ToldBatch<DeliveryBatch>[],
  now: Date,
): Promise<void> {
  const nowMs = now.getTime();
  const counted = told.map(({ owner, batch }) => ({ owner, minutes: minutesOf(batch, nowMs) }));
  if (counted.some(({ minutes }) => minutes.length > 0)) await addMinutes(tx, counted, nowMs);
  await insertMany(
    tx,
    replySamples,
    told.flatMap(({ owner, batch }) => samplesOf(owner, batch, nowMs)),
  );
}

interface Counted {
  readonly owner: StreamOwner;
  readonly minutes: readonly PeriodCount[];
}

/** What a host claims to be later than clocks may be apart is counted now. */
function minutesOf({ counts }: DeliveryBatch, nowMs: number): readonly PeriodCount[] {
  const thisMinute = Math.floor(nowMs / minuteMs) * minuteMs;
  return foldCounts(
    counts.map(({ minute, ...count }) => ({
      ...count,
      startsAt: minute > nowMs + clocksApartMaxMs ? thisMinute : minute,
    })),
    minuteMs,
  );
}

/** One call for all, since each way to the database costs as much as many rows. */
async function addMinutes(tx: Transaction, counted: readonly Counted[], nowMs: number): Promise<void> {
  const owners = counted.map(({ owner }) => owner);
  // What is older has no partition any more, and counts for its hour or day all the same.
  const notBefore = nowMs + clocksApartMaxMs - keptForMs.minutes;
  const rows = counted.flatMap(({ minutes }, index) =>
    minutes.filter(({ startsAt }) => startsAt >= notBefore).map((count) => ({ place: index + 1, count })),
  );
  const lists = [
    owners.map(({ serverId }) => serverId),
    owners.map(({ organisationId }) => organisationId),
    owners.map(({ tenantId }) => tenantId),
    counted.map(({ minutes }) => writePending(foldCounts(minutes, hourMs))),
    rows.map(({ place }) => place),
    rows.map(({ count }) => count.startsAt / minuteMs),
    ...columnsOf(rows.map(({ count }) => count)),
  ];
  await tx.execute(sql`select take_in_deliveries(${paramsOf(lists)})`);
}

function samplesOf(owner: StreamOwner, { samples }: DeliveryBatch, nowMs: number) {
  return samples
    .filter(({ at }) => at >= nowMs - samplesKeptForMs)
    .map(({ at, provider, ...said }) => ({
      ...said,
      ...owner,
      id: newId(),
      saidAt: new Date(at > nowMs + clocksApartMaxMs ? nowMs : at),
      provider: provider ?? "",
    }));
}
