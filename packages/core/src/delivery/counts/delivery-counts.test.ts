import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { classifyReply } from "../classify-reply.ts";
import type { TrackedDelivery } from "../tracking/tracked-delivery.ts";
import { deliveryBatchSchema } from "./delivery-batch.ts";
import { createDeliveryCounter, samplesPerKindMax } from "./delivery-counts.ts";
import { addLatency, type LatencySketch, latencyQuantile, mergeLatencies } from "./latency-sketch.ts";
import { redactReply } from "./redact-reply.ts";

const at = Date.parse("2026-11-20T10:00:30Z");
const delivery = (values: Partial<TrackedDelivery> = {}): TrackedDelivery => ({
  at,
  direction: "outbound",
  queueId: "4A1B2C3D4E",
  firstQueueId: "4A1B2C3D4E",
  messageId: "1@a.example",
  from: "ann@A.example",
  to: "bob@b.example",
  sizeBytes: 700,
  saslUsername: "ann@a.example",
  clientAddress: "198.51.100.7",
  isNotification: false,
  relay: { name: "gmail-smtp-in.l.google.com", address: "192.0.2.9", port: 25 },
  provider: "gmail",
  status: "sent",
  attempt: 1,
  delayS: 1.5,
  delays: null,
  tls: { version: "TLSv1.3", trust: "Trusted" },
  dsn: "2.0.0",
  reply: "250 2.0.0 OK",
  verdict: null,
  ...values,
});
const refused = (reply: string) =>
  delivery({ status: "bounced", reply, verdict: classifyReply(reply, "gmail") });

test("attempts that are alike are one count, by minute, domain, address, receiver and kind", () => {
  const counter = createDeliveryCounter(() => "203.0.113.1");
  for (const one of [delivery(), delivery({ attempt: 2, tls: null }), delivery({ at: at + 60_000 })])
    counter.add(one);
  expect(counter.read().counts).toMatchObject([
    {
      minute: at - 30_000,
      domain: "a.example",
      sendingAddress: "203.0.113.1",
      provider: "gmail",
      attempts: 2,
      firstAttempts: 1,
      overTls: 1,
      sizeBytes: 1400,
    },
    { minute: at + 30_000, attempts: 1 },
  ]);
  expect(counter.read().counts).toEqual([]);
});

test("a few replies of each kind are kept, each once and with nobody's address", () => {
  const counter = createDeliveryCounter(() => null);
  for (let n = 0; n < 10; n += 1)
    counter.add(refused(`550 5.1.1 <bob${n}@b.example>: User unknown, host ${n}`));
  counter.add(refused("550 5.1.1 <bob@b.example>: User unknown, host 1"));
  const { samples } = counter.read();
  expect(samples).toHaveLength(samplesPerKindMax);
  expect(JSON.stringify(samples)).not.toMatch(/bob|@/);
});

test("no address of a person gets through, whatever stands around it", () => {
  const local = fc.stringMatching(/^[a-z0-9.+_-]{1,20}$/);
  const frames = [
    (address: string) => `550 5.1.1 <${address}>: unknown`,
    (address: string) => `550 ${address}... No such user`,
    (address: string) => `550 see https://a.example/?r=${address.replace("@", "%40")}&c=1`,
    (address: string) => `550 mailbox (${address}) is full`,
    (address: string) => `550 user=${address};`,
    (address: string) => `550 [${address}] refused`,
  ];
  fc.assert(
    fc.property(local, fc.constantFrom(...frames), (name, frame) => {
      const marked = `zq${name}zq`;
      expect(redactReply(frame(`${marked}@b.example`))).not.toContain(marked);
    }),
  );
});

test.each([
  'recipient "john doe"@b.example is away',
  '<"john doe"@b.example>: User unknown',
  "User john.doe does not exist",
  "john.doe: User unknown",
  "unknown user: john.doe",
  "no such user john.doe",
  "550 rejected =?utf-8?q?john.doe=40b.example?= here",
  "bounces+john.doe=b.example@list.example is no member",
  "mary.john.doe.o'brien@b.example is full",
  "550 spam. Subject: Re: the bill of John Doe is overdue",
])("whoever is named stays on the host, however a receiver writes it: %s", (reply) => {
  expect(redactReply(reply)).not.toMatch(/john|doe\b|brien|bill/i);
});

test.each([
  "550-5.7.26 mail from [192.0.2.1] see https://support.google.com/mail/?p=DmarcRejection a1-20 - gsmtp",
  "550 5.1.1 User unknown in virtual mailbox table",
  "550 5.1.1: Recipient address rejected: User unknown",
  "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
  "421 4.7.0 mx.b.example: Too many connections, account suspended",
])("what says what is wrong stays in a reply: %s", (reply) => {
  expect(redactReply(reply)).toBe(reply);
});

test("a log that holds no real domain or size makes no count that a batch may not tell", () => {
  const counter = createDeliveryCounter(() => null);
  for (const from of ["john.doe", `ann@${"a".repeat(254)}`, "ann@a.example"])
    counter.add(delivery({ from, sizeBytes: Number.MAX_SAFE_INTEGER }));
  const reading = counter.read();
  expect(deliveryBatchSchema.parse({ counts: reading.counts, samples: [] }).counts).toHaveLength(2);
  expect(JSON.stringify(reading)).not.toContain("john");
});

describe("a sketch of latencies", () => {
  const sketchOf = (values: readonly number[]) =>
    values.reduce<LatencySketch>((sketch, value) => addLatency(sketch, value), {});
  test("tells a quantile within five of a hundred", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.02, max: 400_000, noNaN: true }), { minLength: 1, maxLength: 200 }),
        fc.constantFrom(0.5, 0.95),
        (values, share) => {
          const sorted = [...values].sort((a, b) => a - b);
          const exact = sorted[Math.max(1, Math.ceil(sorted.length * share)) - 1] ?? 0;
          const told = latencyQuantile(sketchOf(values), share) ?? 0;
          expect(Math.abs(told - exact) / exact).toBeLessThan(0.05);
        },
      ),
    );
  });
  test("is the same whether its parts were added up or merged", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 9999, noNaN: true })), fc.nat(200), (values, cut) => {
        expect(mergeLatencies(sketchOf(values.slice(0, cut)), sketchOf(values.slice(cut)))).toEqual(
          sketchOf(values),
        );
      }),
    );
  });
});
