import fc from "fast-check";
import { expect, test } from "vitest";
import { frameSizeMaxBytes } from "../../wire/index.ts";
import { batchCountsMax, batchesOf, deliveryBatchSchema } from "./delivery-batch.ts";
import type { DeliveryCount, ReplySample } from "./delivery-counts.ts";
import { foldCounts } from "./fold-counts.ts";
import { latencyBucketMax } from "./latency-sketch.ts";

const hourMs = 3_600_000;
const count: DeliveryCount = {
  minute: 60_000,
  direction: "outbound",
  domain: "a.example",
  sendingAddress: "192.0.2.1",
  provider: "gmail",
  status: "sent",
  category: null,
  attempts: 2,
  firstAttempts: 1,
  overTls: 2,
  sizeBytes: 900,
  latencies: { "40": 2 },
};
const sample: ReplySample = {
  at: 61_000,
  domain: "a.example",
  provider: "gmail",
  relayName: "mx.example",
  category: "rate-limit",
  ruleId: "gmail-rate",
  reply: "421 4.7.28 slow down",
};

test("a batch says after its way over the wire what it said before", () => {
  const batches = batchesOf({ counts: [count], samples: [sample] });
  expect(batches.map((batch) => deliveryBatchSchema.parse(JSON.parse(JSON.stringify(batch))))).toEqual([
    { counts: [count], samples: [] },
    { counts: [], samples: [sample] },
  ]);
});

test("a provider and a category that only a newer agent knows cost no count", () => {
  const told = { counts: [{ ...count, provider: "newmail", category: "new-reason" }], samples: [] };
  expect(deliveryBatchSchema.parse(told).counts).toMatchObject([
    { attempts: 2, provider: null, category: "unclassified" },
  ]);
});

test.each([
  ["a time between minutes", { minute: 61_000 }],
  ["no attempt", { attempts: 0 }],
  ["a domain longer than a name may be", { domain: "a".repeat(254) }],
  ["a bucket beyond all", { latencies: { [latencyBucketMax + 1]: 1 } }],
  ["an address that is none", { sendingAddress: "mail.example" }],
])("%s is refused", (_, part) => {
  expect(deliveryBatchSchema.safeParse({ counts: [{ ...count, ...part }], samples: [] }).success).toBe(false);
});

test("a reading of any size becomes batches that fit a frame and lose nothing", () => {
  const longest = {
    ...count,
    domain: `${"a".repeat(249)}.org`,
    sendingAddress: "2001:db8:1111:2222:3333:4444:5555:6666",
    latencies: Object.fromEntries(Array.from({ length: latencyBucketMax }, (_, bucket) => [bucket, 1])),
  };
  const counts = Array.from({ length: batchCountsMax + 10 }, (_, at) => ({
    ...longest,
    minute: at * 60_000,
  }));
  const samples = Array.from({ length: 160 }, () => ({ ...sample, reply: "\u20ac".repeat(400) }));
  const batches = batchesOf({ counts, samples });
  expect(batches.flatMap((batch) => batch.counts)).toEqual(counts);
  expect(batches.flatMap((batch) => batch.samples)).toEqual(samples);
  for (const batch of batches)
    expect(new TextEncoder().encode(JSON.stringify(batch)).length).toBeLessThan(frameSizeMaxBytes * 0.9);
  expect(batchesOf({ counts: [], samples: [] })).toEqual([]);
});

test("hours that were folded from minutes hold each attempt once", () => {
  const one = fc.record({
    startsAt: fc.nat(5000).map((minute) => minute * 60_000),
    domain: fc.constantFrom("a.example", "b.example"),
    attempts: fc.integer({ min: 1, max: 9 }),
  });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 60 }), (parts) => {
      const { minute: _, ...alike } = count;
      const counts = parts.map((part) => ({ ...alike, ...part, latencies: { "3": part.attempts } }));
      const hours = foldCounts(counts, hourMs);
      const sum = (of: readonly { attempts: number }[]) =>
        of.reduce((all, { attempts }) => all + attempts, 0);
      expect(sum(hours)).toBe(sum(counts));
      expect(hours.reduce((all, { latencies }) => all + (latencies["3"] ?? 0), 0)).toBe(sum(counts));
      expect(new Set(hours.map(({ startsAt, domain }) => `${startsAt} ${domain}`)).size).toBe(hours.length);
      expect(hours.every(({ startsAt }) => startsAt % hourMs === 0)).toBe(true);
      expect(foldCounts(hours, 24 * hourMs)).toEqual(foldCounts(counts, 24 * hourMs));
    }),
  );
});
