import { z } from "zod";
import { toldText } from "../../text/index.ts";
import { type ProviderId, providers } from "../provider.ts";
import { type ReplyCategory, replyCategories } from "../reply-category.ts";
import { bytesMax, type DeliveryCount, type ReplySample } from "./delivery-counts.ts";
import { latencyBucketMax } from "./latency-sketch.ts";

/** Most counts and samples in one batch, whatever their size. */
export const batchCountsMax = 1500;
export const batchSamplesMax = 150;

const moment = z.int().nonnegative().max(8.64e15);
// Far beyond what a host does in a minute, and so low that sums of a lying host's stay within what a database counts.
const count = z.int().nonnegative().max(1e9);
const bytes = z.int().nonnegative().max(bytesMax);
const address = z.union([z.ipv4(), z.ipv6()]).nullable();
const domain = toldText(253).overwrite((text) => text.toLowerCase());
// An agent may know more of them than this control plane does.
const provider = z
  .enum(Object.keys(providers) as [ProviderId, ...ProviderId[]])
  .nullable()
  .catch(null);
const category = z
  .enum(Object.keys(replyCategories) as [ReplyCategory, ...ReplyCategory[]])
  .catch("unclassified");

const latencies = z
  .record(z.string().regex(/^(0|[1-9]\d{0,3})$/), count)
  .refine((sketch) => Object.keys(sketch).every((bucket) => Number(bucket) <= latencyBucketMax));

/** One count of a batch. */
export const deliveryCountSchema = z.object({
  minute: moment.multipleOf(60_000),
  direction: z.enum(["outbound", "inbound", "internal"]),
  domain,
  sendingAddress: address,
  provider,
  status: z.enum(["sent", "deferred", "bounced", "expired", "undeliverable", "deliverable"]),
  category: category.nullable(),
  attempts: count.positive(),
  firstAttempts: count,
  overTls: count,
  sizeBytes: bytes,
  latencies,
}) satisfies z.ZodType<DeliveryCount>;

/** One reply of a batch. */
export const replySampleSchema = z.object({
  at: moment,
  domain,
  provider,
  relayName: toldText(253).nullable(),
  category,
  ruleId: toldText(100).nullable(),
  reply: toldText(500),
}) satisfies z.ZodType<ReplySample>;

/** What an agent tells of its host's deliveries at once. Whatever an agent claims, only what has this shape is stored. */
export const deliveryBatchSchema = z.object({
  counts: z.array(deliveryCountSchema).max(batchCountsMax),
  samples: z.array(replySampleSchema).max(batchSamplesMax),
});
export type DeliveryBatch = z.infer<typeof deliveryBatchSchema>;

// A UTF-16 unit takes at most three bytes, and a frame of the wire holds a mebibyte.
const batchLengthMax = 300_000;

/** Parts a reading so that each part fits a batch and a frame; none for a reading of nothing. */
export function batchesOf(reading: {
  readonly counts: readonly DeliveryCount[];
  readonly samples: readonly ReplySample[];
}): readonly DeliveryBatch[] {
  return [
    ...portions(reading.counts, batchCountsMax).map((counts) => ({ counts, samples: [] })),
    ...portions(reading.samples, batchSamplesMax).map((samples) => ({ counts: [], samples })),
  ];
}

/** Parts things so that each part fits a frame of the wire and holds no more than so many. */
export function portions<T>(all: readonly T[], countMax: number): T[][] {
  const found: T[][] = [];
  let length = 0;
  for (const one of all) {
    const last = found.at(-1);
    const added = JSON.stringify(one).length + 1;
    length += added;
    if (last !== undefined && last.length < countMax && length <= batchLengthMax) {
      last.push(one);
      continue;
    }
    found.push([one]);
    length = added;
  }
  return found;
}
