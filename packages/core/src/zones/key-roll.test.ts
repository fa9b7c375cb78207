import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  beginKeyRoll,
  followAbove,
  followKeyRoll,
  type KeyRoll,
  keyRollSteps,
  keysToDelegate,
  type ToldZoneKeys,
} from "./index.ts";

const signerOf = (keyTag: number) => ({ keyTag, algorithm: 13, digestType: 2, digest: "4BE1".repeat(16) });
const [former, incoming] = ["257 3 13 AA", "257 3 13 BB"];
const [formerSigner, incomingSigner] = [signerOf(1), signerOf(2)];
const at = (hour: number) => new Date(Date.UTC(2026, 10, 20, hour));
const one: ToldZoneKeys = { keys: [former], signers: [formerSigner] };
const both: ToldZoneKeys = { keys: [former, incoming], signers: [formerSigner] };
const announced: ToldZoneKeys = { keys: [former, incoming], signers: [incomingSigner] };
const after: ToldZoneKeys = { keys: [incoming], signers: [incomingSigner] };

/** Follows a roll through what is told hour by hour. */
function follow(roll: KeyRoll | null, ...story: readonly ToldZoneKeys[]): KeyRoll | null {
  let before = one;
  return story.reduce<KeyRoll | null>((known, told, hour) => {
    const next = followKeyRoll(known, { before, told, now: at(hour + 1) });
    before = told;
    return next;
  }, roll);
}
const begun = () => beginKeyRoll(one, { startedBy: "Mara", jobId: "j", now: at(0) });
const above = (roll: KeyRoll | null, ...signers: readonly ReturnType<typeof signerOf>[]) =>
  followAbove(roll, { above: signers, signers: announced.signers, now: at(9) });

describe("the roll of a zone's key", () => {
  test("goes by what the primary tells and what stands above the zone, with the time of each step", () => {
    const delegating = follow(begun(), one, both, announced);
    expect(delegating).toMatchObject({ step: "delegating", startedBy: "Mara", incomingKey: incoming });
    expect(above(delegating, formerSigner)?.step).toBe("delegating");
    const retiring = above(delegating, formerSigner, incomingSigner);
    expect(follow(retiring, announced)?.step).toBe("retiring");
    expect(follow(retiring, announced, after)?.reached).toEqual([
      { step: "making", at: at(0).toISOString() },
      { step: "spreading", at: at(2).toISOString() },
      { step: "delegating", at: at(3).toISOString() },
      { step: "retiring", at: at(9).toISOString() },
      { step: "done", at: at(2).toISOString() },
    ]);
  });

  test("is seen when somebody began it on the host itself, and again when another follows", () => {
    expect(follow(null, both)).toMatchObject({ step: "spreading", startedBy: null, formerKey: former });
    const third = { keys: [incoming, "257 3 13 CC"], signers: [incomingSigner] };
    expect(follow(begun(), both, announced, after, third)).toMatchObject({
      step: "spreading",
      formerKey: incoming,
      incomingKey: "257 3 13 CC",
    });
  });

  test("is unknown while two keys stand of which nobody saw the first alone, and begins with no key", () => {
    expect(followKeyRoll(null, { before: both, told: announced, now: at(1) })).toBeNull();
    expect(beginKeyRoll(both, { startedBy: "Mara", jobId: "j", now: at(0) })).toBeNull();
    expect(beginKeyRoll({ keys: [], signers: [] }, { startedBy: "Mara", jobId: "j", now: at(0) })).toBeNull();
  });

  test("is over without an end when its keys are others: taken back on the host, or signed by another primary", () => {
    expect(follow(begun(), both, one)).toBeNull();
    expect(follow(begun(), both, { keys: ["257 3 13 ZZ"], signers: [signerOf(9)] })).toBeNull();
  });

  test("shows the registrar the key of the announced signer alone", () => {
    expect(keysToDelegate(both.keys, null)).toEqual(both.keys);
    expect(keysToDelegate(both.keys, follow(begun(), both))).toEqual([former]);
    expect(keysToDelegate(both.keys, follow(begun(), both, announced))).toEqual([incoming]);
    expect(keysToDelegate(after.keys, follow(begun(), both, announced, after))).toEqual([incoming]);
  });

  test("only ever goes forward, and ends when the former key is gone", () => {
    const told = fc.constantFrom(one, both, announced, after);
    const seen = fc.array(fc.oneof(told, fc.constant("above" as const)), { maxLength: 20 });
    fc.assert(
      fc.property(seen, (story) => {
        let roll = begun();
        let before = one;
        let furthest = 0;
        for (const entry of story) {
          if (entry === "above") roll = above(roll, incomingSigner);
          else {
            roll = followKeyRoll(roll, { before, told: entry, now: at(1) });
            before = entry;
          }
          if (roll === null || roll.startedBy === null) return;
          const place = keyRollSteps.indexOf(roll.step);
          expect(place).toBeGreaterThanOrEqual(furthest);
          if (roll.step === "done") expect(before.keys).not.toContain(former);
          if (roll.step === "done") return;
          furthest = place;
        }
      }),
    );
  });
});
