import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ChallengeGround, delegatedChallengeName, placeOfChallenge } from "./challenge-place.ts";

const [ownId, otherId] = ["0193f0b2-7c5e-7d8a-9b1c-2d3e4f506172", "0193f0b2-7c5e-7d8a-9b1c-2d3e4f506173"];
const ground: ChallengeGround = {
  own: ["alpha.example", "hosted.example"],
  others: ["beta.example", "sub.alpha.example"],
  connected: [
    { zone: "alpha.example", isOwn: false },
    { zone: "shared.example", isOwn: false },
    { zone: "private.example", isOwn: true },
    { zone: "deep.private.example", isOwn: false },
    { zone: "both.example", isOwn: false },
    { zone: "both.example", isOwn: true },
  ],
  delegationZones: ["keys.msp.example", "former.msp.example"],
  ownIds: [ownId],
};
const base = (id: string, zone = "keys.msp.example") => `${id.replaceAll("-", "")}.${zone}`;

describe("the end of a challenge's alias", () => {
  test.each([
    ["_acme-challenge.alpha.example", "own"],
    ["x.hosted.example", "own"],
    ["x.private.example", "own"],
    ["x.both.example", "own"],
    ["x.beta.example", "not-theirs"],
    ["_acme-challenge.sub.alpha.example", "not-theirs"],
    ["x.shared.example", "not-theirs"],
    ["x.deep.private.example", "not-theirs"],
    ["x.keys.msp.example", "unreached"],
    ["x.elsewhere.example", "unreached"],
    ["notalpha.example", "unreached"],
    [delegatedChallengeName(ownId, "keys.msp.example"), "delegated"],
    [`_acme-challenge.imap.${base(ownId)}`, "delegated"],
    [delegatedChallengeName(ownId, "former.msp.example"), "delegated"],
    [`ms1.${base(ownId)}`, "not-theirs"],
    [base(ownId), "not-theirs"],
    [delegatedChallengeName(otherId, "keys.msp.example"), "not-theirs"],
    [`_acme-challenge.${base(ownId)}.beta.example`, "not-theirs"],
  ] as const)("%s is %s", (name, place) => {
    expect(placeOfChallenge(name, ground)).toBe(place);
  });

  test("another's id is not the customer's even where the delegation zone lies in a domain of its own", () => {
    const inside = { ...ground, delegationZones: ["alpha.example"] };
    expect(placeOfChallenge(delegatedChallengeName(otherId, "alpha.example"), inside)).toBe("not-theirs");
    expect(placeOfChallenge("_acme-challenge.alpha.example", inside)).toBe("own");
    expect(placeOfChallenge("_acme-challenge.imap.alpha.example", inside)).toBe("own");
  });

  test("never lies in another customer's domain, whatever else is said of it", () => {
    const label = fc.constantFrom("_acme-challenge", "a", "b", ownId.replaceAll("-", ""));
    const names = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
    fc.assert(
      fc.property(names, fc.subarray(["a", "b", "a.b"]), fc.boolean(), (below, own, isOwn) => {
        const place = placeOfChallenge(`${below}.theirs.example`, {
          ...ground,
          own: [...own, "example"],
          others: ["theirs.example"],
          connected: [{ zone: "theirs.example", isOwn }],
        });
        expect(place).toBe("not-theirs");
      }),
    );
  });
});
