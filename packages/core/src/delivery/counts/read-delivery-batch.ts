import { z } from "zod";
import {
  batchCountsMax,
  batchSamplesMax,
  type DeliveryBatch,
  deliveryCountSchema,
  replySampleSchema,
} from "./delivery-batch.ts";

/** What could be read of a batch, and how much of it could not, with the first reason. */
export interface PartOfBatch {
  readonly batch: DeliveryBatch;
  readonly unreadRows: number;
  readonly problem: string;
}

const anyBatch = z.object({
  counts: z.array(z.unknown()).max(batchCountsMax),
  samples: z.array(z.unknown()).max(batchSamplesMax),
});

/**
 * Reads of a batch what has a shape that is known here, where not all of it has: one count that is wrong is no reason to lose
 * a minute of a host's mail. Null where nothing can be read.
 */
export function readDeliveryBatch(told: unknown): PartOfBatch | null {
  const parts = anyBatch.safeParse(told);
  if (!parts.success) return null;
  const counts = parts.data.counts.map((one) => deliveryCountSchema.safeParse(one));
  const samples = parts.data.samples.map((one) => replySampleSchema.safeParse(one));
  const all = [...counts, ...samples];
  const unread = all.filter(({ success }) => !success);
  if (unread.length === all.length) return null;
  return {
    batch: {
      counts: counts.flatMap(({ data }) => data ?? []),
      samples: samples.flatMap(({ data }) => data ?? []),
    },
    unreadRows: unread.length,
    problem: unread[0]?.error?.issues[0]?.message ?? "it is not what the stream carries",
  };
}
