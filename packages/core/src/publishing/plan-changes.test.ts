import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyChanges, planChanges } from "./plan-changes.ts";
import { type RecordSet, type RecordValue, valueKey } from "./record-set.ts";
import { standingState } from "./standing-state.ts";

/** "a.example TXT v=spf1 -all" as a value. */
function value(line: string): RecordValue {
  const [name = "", type = "", ...rest] = line.split(" ");
  return { name, type, value: rest.join(" ") };
}

function sets(...lines: string[]): RecordSet[] {
  const found = new Map<string, RecordSet>();
  for (const { name, type, value: text } of lines.map(value)) {
    const before = found.get(`${name} ${type}`);
    const values = [...(before?.values ?? []), text];
    found.set(`${name} ${type}`, { name, type, ttlSeconds: 300, values });
  }
  return [...found.values()];
}

function plan(given: Partial<Record<"wanted" | "withdrawn" | "standing" | "owned" | "allowed", string[]>>) {
  const { wanted = [], withdrawn = [], standing = [], owned = [], allowed = [] } = given;
  return planChanges({
    wanted: wanted.map(value),
    withdrawn: withdrawn.map(value),
    standing: sets(...standing),
    owned: owned.map(value),
    allowed: allowed.map(value),
  });
}

describe("a plan of changes", () => {
  it("adds a text beside another text of the set, and keeps the set's TTL", () => {
    expect(
      plan({ wanted: ["a.example TXT v=spf1 mx -all"], standing: ["a.example TXT site=1"] }).changes,
    ).toEqual([
      {
        name: "a.example",
        type: "TXT",
        ttlSeconds: 300,
        before: ["site=1"],
        after: ["site=1", "v=spf1 mx -all"],
        added: ["v=spf1 mx -all"],
        removed: [],
        replaced: [],
      },
    ]);
  });

  it.each([
    ["another SPF record", "a.example TXT v=spf1 mx -all", "a.example TXT v=spf1 a ~all", "both"],
    [
      "a foreign MX",
      "a.example MX 10 mail.a.example",
      "a.example MX 0 old.example",
      "also goes to old.example",
    ],
    [
      "an alias",
      "x.a.example A 192.0.2.1",
      "x.a.example CNAME y.example",
      "is an alias (CNAME) of y.example",
    ],
    ["a record where an alias is wanted", "x.a.example CNAME y.example", "x.a.example TXT t", "stand alone"],
    ["a foreign address", "x.a.example A 192.0.2.1", "x.a.example A 192.0.2.9", "also leads to 192.0.2.9"],
    [
      "any text at a selector",
      "s._domainkey.a.example TXT v=DKIM1; p=A",
      "s._domainkey.a.example TXT x",
      "key",
    ],
  ])("%s blocks, and goes only once a person has said so", (_, wanted, foreign, words) => {
    const blocked = plan({ wanted: [wanted], standing: [foreign] });
    expect(blocked.changes).toEqual([]);
    expect(blocked.conflicts).toEqual([
      { ...value(foreign), blocked: [value(wanted)], sentence: expect.stringContaining(words) },
    ]);
    const allowed = plan({ wanted: [wanted], standing: [foreign], allowed: [foreign] });
    expect(allowed.conflicts).toEqual([]);
    expect(allowed.changes.flatMap((change) => change.replaced)).toEqual([value(foreign).value]);
    expect(allowed.changes.flatMap((change) => change.added)).toEqual([value(wanted).value]);
  });

  it("replaces our own SPF record by the new one without asking", () => {
    const old = "a.example TXT v=spf1 a -all";
    const { changes, conflicts } = plan({
      wanted: ["a.example TXT v=spf1 mx -all"],
      standing: [old, "a.example TXT site=1"],
      owned: [old],
    });
    expect(conflicts).toEqual([]);
    expect(changes).toMatchObject([{ removed: ["v=spf1 a -all"], after: ["site=1", "v=spf1 mx -all"] }]);
  });

  it("keeps our other MX unless it is withdrawn", () => {
    const given = {
      wanted: ["a.example MX 10 m1.example"],
      standing: ["a.example MX 10 m1.example", "a.example MX 20 m2.example"],
      owned: ["a.example MX 20 m2.example"],
    };
    expect(plan(given).changes).toEqual([]);
    expect(plan({ ...given, withdrawn: given.owned }).changes).toMatchObject([
      { removed: ["20 m2.example"] },
    ]);
  });

  it("puts no other text in the place of our DKIM key or beside it, wherever an alias led", () => {
    for (const name of ["s._domainkey.a.example", "ms1.keys.example"]) {
      const key = `${name} TXT v=DKIM1; k=rsa; p=AA`;
      const { changes, conflicts } = plan({ wanted: [`${name} TXT proof`], standing: [key], owned: [key] });
      expect(changes).toEqual([]);
      expect(conflicts).toMatchObject([
        { ...value(key), blocked: [{ value: "proof" }], sentence: expect.stringContaining("DKIM key") },
      ]);
      const revoked = `${name} TXT v=DKIM1; k=rsa; p=`;
      expect(plan({ wanted: [revoked], standing: [key], owned: [key] }).changes).toMatchObject([
        { after: ["v=DKIM1; k=rsa; p="] },
      ]);
    }
  });

  it("does not withdraw what somebody else wrote", () => {
    const line = "a.example TXT site=1";
    expect(plan({ withdrawn: [line], standing: [line] }).changes).toEqual([]);
  });

  it("says of a foreign MX beside ours that it is there, without anything waiting for it", () => {
    const ours = "a.example MX 10 m1.example";
    const { conflicts, inPlace } = plan({ wanted: [ours], standing: [ours, "a.example MX 20 x.example"] });
    expect(conflicts).toMatchObject([{ value: "20 x.example", blocked: [] }]);
    expect(inPlace).toBe(1);
  });
});

describe("whatever stands in a zone", () => {
  const name = fc.constantFrom("a.example", "mail.a.example", "s._domainkey.a.example", "_dmarc.a.example");
  const typed = fc.constantFrom(
    ["A", "192.0.2.1"],
    ["A", "192.0.2.2"],
    ["MX", "10 m1.example"],
    ["MX", "20 m2.example"],
    ["CNAME", "other.example"],
    ["CNAME", "else.example"],
    ["TXT", "v=spf1 mx -all"],
    ["TXT", "v=spf1 a -all"],
    ["TXT", "v=DKIM1; k=rsa; p=AA"],
    ["TXT", "site=1"],
    ["CAA", '0 issue "ca.example"'],
  );
  const one = fc
    .record({ name, typed })
    .map(
      ({ name: owner, typed: [type = "", text = ""] }): RecordValue => ({ name: owner, type, value: text }),
    );
  const many = fc.uniqueArray(one, { selector: valueKey, maxLength: 8 });
  const input = fc
    .record({ wanted: many, withdrawn: many, standing: many, owned: many, allowed: many })
    .map((given) => ({
      ...given,
      // A planner that wants an alias and something beside it is wrong by itself.
      wanted: given.wanted.filter(
        (value, _, all) =>
          value.type !== "CNAME" || all.every((other) => other === value || other.name !== value.name),
      ),
      standing: sets(...given.standing.map((value) => `${value.name} ${value.type} ${value.value}`)),
    }));
  const valuesOf = (standing: readonly RecordSet[]) =>
    standing.flatMap(({ name: owner, type, values }) =>
      values.map((text) => ({ name: owner, type, value: text })),
    );

  it("a value that we did not write stays, unless a person allowed exactly that one", () => {
    fc.assert(
      fc.property(input, (given) => {
        const { changes } = planChanges(given);
        const after = new Set(valuesOf(applyChanges(given.standing, changes)).map(valueKey));
        const mayGo = new Set([...given.owned, ...given.allowed].map(valueKey));
        for (const before of valuesOf(given.standing).map(valueKey))
          expect(after.has(before) || mayGo.has(before)).toBe(true);
      }),
    );
  });

  it("nothing is added that is not wanted, and no wanted value goes", () => {
    fc.assert(
      fc.property(input, (given) => {
        const { changes } = planChanges(given);
        const wanted = new Set(given.wanted.map(valueKey));
        for (const { name: owner, type, added, removed, replaced } of changes) {
          for (const text of added)
            expect(wanted.has(valueKey({ name: owner, type, value: text }))).toBe(true);
          for (const text of [...removed, ...replaced])
            expect(wanted.has(valueKey({ name: owner, type, value: text }))).toBe(false);
        }
      }),
    );
  });

  it("every wanted value stands afterwards or is named as blocked", () => {
    fc.assert(
      fc.property(input, (given) => {
        const { changes, conflicts } = planChanges(given);
        const after = new Set(valuesOf(applyChanges(given.standing, changes)).map(valueKey));
        const blocked = new Set(conflicts.flatMap((conflict) => conflict.blocked).map(valueKey));
        for (const key of given.wanted.map(valueKey)) expect(after.has(key)).toBe(!blocked.has(key));
      }),
    );
  });

  it("planning again after the changes were made changes nothing", () => {
    fc.assert(
      fc.property(input, (given) => {
        const first = planChanges(given);
        const standing = applyChanges(given.standing, first.changes);
        const owned = [
          ...given.owned,
          ...first.changes.flatMap(({ name: owner, type, added }) =>
            added.map((text) => ({ name: owner, type, value: text })),
          ),
        ];
        const withdrawn = given.withdrawn.filter(
          (gone) => !given.wanted.some((value) => valueKey(value) === valueKey(gone)),
        );
        expect(planChanges({ ...given, withdrawn, owned, standing }).changes).toEqual([]);
      }),
    );
  });

  it("two readings are told apart by their values alone, not by their order", () => {
    const left = sets("a.example TXT x", "a.example TXT y", "b.example A 192.0.2.1");
    const right = sets("b.example A 192.0.2.1", "a.example TXT y", "a.example TXT x");
    expect(standingState(left)).toBe(standingState(right));
    expect(standingState(left)).not.toBe(standingState(sets("a.example TXT x")));
  });
});
