import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Fleet,
  judgeReputation,
  type ReplyCount,
  type Reputation,
  reputationLimits,
  reputationOrder,
  type SenderFigures,
} from "./index.ts";

const now = Date.parse("2026-11-20T12:00:00Z");
const rank = (reputation: Reputation) => reputationOrder.indexOf(reputation);
const hoursAgo = fc.integer({ min: 0, max: 160 }).map((hours) => now - hours * 3_600_000);

const reply: fc.Arbitrary<ReplyCount> = fc
  .record({
    temporary: fc.integer({ min: 0, max: 40 }),
    permanent: fc.integer({ min: 0, max: 40 }),
    lastPermanentAt: hoursAgo,
    lastTemporaryAt: hoursAgo,
  })
  .map((seen) => ({
    ...seen,
    lastPermanentAt: seen.permanent === 0 ? null : seen.lastPermanentAt,
    lastTemporaryAt: seen.temporary === 0 ? null : seen.lastTemporaryAt,
  }));

const figures: fc.Arbitrary<SenderFigures> = fc
  .record({
    messages: fc.integer({ min: 0, max: 3000 }),
    deliveredPart: fc.double({ min: 0, max: 1, noNaN: true }),
    replies: fc.record(
      { "ip-reputation": reply, "rate-limit": reply, "unknown-user": reply, "domain-blocklist": reply },
      { requiredKeys: [] },
    ),
    complaints: fc.array(
      fc.record({
        source: fc.constantFrom("feedback-loop" as const, "snds" as const),
        count: fc.integer({ min: 0, max: 20 }),
        delivered: fc.integer({ min: 0, max: 5000 }),
      }),
      { maxLength: 2 },
    ),
    dmarc: fc.option(fc.record({ passed: fc.integer({ min: 0, max: 500 }), total: fc.constant(500) })),
    listings: fc.array(
      fc.record({ zone: fc.constant("zen.spamhaus.org"), sinceAt: hoursAgo, isCritical: fc.boolean() }),
      { maxLength: 1 },
    ),
  })
  .map(({ deliveredPart, ...seen }) => ({
    ...seen,
    delivered: Math.floor(seen.messages * deliveredPart),
    words: [],
  }));

const fleet: fc.Arbitrary<Fleet | null> = fc.option(
  fc.record({
    senders: fc.integer({ min: 3, max: 500 }),
    prior: fc
      .record({ of: fc.integer({ min: 1, max: 200 }), part: fc.double({ min: 0, max: 1, noNaN: true }) })
      .map(({ of, part }) => ({ of, count: of * part })),
  }),
);

/** One more of the same, just now. */
function oneMore(seen: SenderFigures, kind: "permanent" | "temporary"): SenderFigures {
  const before = seen.replies["ip-reputation"] ?? { temporary: 0, permanent: 0, lastPermanentAt: null };
  const after = {
    ...before,
    [kind]: before[kind] + 1,
    ...(kind === "permanent" ? { lastPermanentAt: now } : { lastTemporaryAt: now }),
  };
  return { ...seen, messages: seen.messages + 1, replies: { ...seen.replies, "ip-reputation": after } };
}

test("one more refusal or put-off for the sender's name never makes a reputation better", () => {
  fc.assert(
    fc.property(
      figures,
      fleet,
      fc.constantFrom("permanent" as const, "temporary" as const),
      (seen, others, kind) => {
        const before = judgeReputation(seen, now, others).reputation;
        const after = judgeReputation(oneMore(seen, kind), now, others).reputation;
        expect(rank(after)).toBeLessThanOrEqual(rank(before));
        expect(rank(after)).toBeLessThanOrEqual(rank(kind === "permanent" ? "BAD" : "LOW"));
      },
    ),
  );
});

test("one more complaint among as many deliveries never makes a reputation better", () => {
  fc.assert(
    fc.property(figures, fleet, (seen, others) => {
      const complaints = seen.complaints.map((told) => ({ ...told, count: told.count + 1 }));
      const before = judgeReputation(seen, now, others).reputation;
      expect(rank(judgeReputation({ ...seen, complaints }, now, others).reputation)).toBeLessThanOrEqual(
        rank(before),
      );
    }),
  );
});

test("where nothing was sent and nothing is known there is no verdict, whatever the fleet is like", () => {
  const nothing: SenderFigures = {
    messages: 0,
    delivered: 0,
    replies: {},
    complaints: [],
    dmarc: null,
    listings: [],
    words: [],
  };
  fc.assert(
    fc.property(fleet, (others) => {
      expect(judgeReputation(nothing, now, others)).toEqual({
        reputation: "UNKNOWN",
        evidence: [],
        messages: 0,
        missing: reputationLimits.messagesMin,
      });
    }),
  );
});

test("a verdict is that of its heaviest evidence, and all shares lie within nought and one", () => {
  fc.assert(
    fc.property(figures, fleet, (seen, others) => {
      const { reputation, evidence, missing } = judgeReputation(seen, now, others);
      expect(reputation).toBe(evidence[0]?.holds ?? "UNKNOWN");
      expect(evidence.map(({ holds }) => rank(holds))).toEqual(
        evidence.map(({ holds }) => rank(holds)).sort((a, b) => a - b),
      );
      for (const { share } of evidence) {
        if (share === null) continue;
        expect(share.lower).toBeGreaterThanOrEqual(0);
        expect(share.upper).toBeLessThanOrEqual(1);
      }
      if (reputation === "UNKNOWN") expect(missing).toBeGreaterThan(0);
    }),
  );
});
