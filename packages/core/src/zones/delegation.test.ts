import { describe, expect, test } from "vitest";
import {
  findZoneProblems,
  judgeDelegation,
  planDelegation,
  type SeenDelegation,
  serialsDifferSince,
  unseenOfZone,
} from "./index.ts";

describe("the way to a zone that the world believes", () => {
  const signer = { keyTag: 48918, algorithm: 13, digestType: 2, digest: "4BE1".repeat(16) };
  const wanted = planDelegation({
    zone: "example.com",
    nameServers: [
      { name: "ns1.example.com", addresses: ["198.51.100.11", "2001:db8::11"] },
      { name: "ns2.fleet.example", addresses: ["198.51.100.12"] },
    ],
    signers: [signer],
  });
  const right: SeenDelegation = {
    nameServers: ["NS2.fleet.example", "ns1.example.com"],
    glue: [
      { name: "ns1.example.com", address: "198.51.100.11" },
      { name: "ns1.example.com", address: "2001:DB8::11" },
    ],
    signers: [signer],
    saidBy: "a.registry.example",
    servers: [
      { nameServer: "ns1.example.com", address: "198.51.100.11", serial: 5, problem: null },
      { nameServer: "ns2.fleet.example", address: "198.51.100.12", serial: 5, problem: null },
    ],
  };
  const statesOf = (seen: Partial<SeenDelegation>) =>
    Object.fromEntries(
      judgeDelegation("example.com", wanted, { ...right, ...seen }).map(({ kind, state }) => [kind, state]),
    );

  test("only a name server inside the zone needs glue", () => {
    expect(wanted.glue).toEqual([{ name: "ns1.example.com", addresses: ["198.51.100.11", "2001:db8::11"] }]);
  });

  test("is done when the world shows all of it", () => {
    expect(new Set(Object.values(statesOf({})))).toEqual(new Set(["done"]));
  });

  test.each([
    [{ nameServers: [] }, "name-servers", "todo"],
    [{ nameServers: ["old.example"] }, "name-servers", "wrong"],
    [{ nameServers: null }, "name-servers", "unknown"],
    [{ glue: [] }, "glue", "todo"],
    [{ glue: [...right.glue, { name: "ns1.example.com", address: "192.0.2.1" }] }, "glue", "wrong"],
    [{ signers: [] }, "signers", "todo"],
    [{ signers: null }, "signers", "unknown"],
    [{ signers: [{ ...signer, digest: "00".repeat(32) }] }, "signers", "wrong"],
    [{ signers: [{ ...signer, digestType: 4, digest: "00".repeat(48) }] }, "signers", "done"],
    [{ signers: [{ ...signer, keyTag: 1 }, signer] }, "signers", "done"],
    [{ servers: right.servers.map((one, index) => ({ ...one, serial: index })) }, "same-serial", "wrong"],
    [
      { servers: right.servers.map((one) => ({ ...one, serial: null, problem: "it does not answer" })) },
      "answers",
      "todo",
    ],
  ] as const)("%j leaves %s %s", (seen, kind, state) => {
    expect(statesOf(seen)[kind]).toBe(state);
  });

  test("a DS above a zone whose keys nobody knows is an alarm and not a step", () => {
    const steps = judgeDelegation("example.com", { ...wanted, signers: [] }, right);
    expect(steps.find(({ kind }) => kind === "signers")).toMatchObject({ state: "wrong" });
  });

  test.each([
    [{ signers: [] }, "todo", /^Set the DS record/],
    [{ nameServers: ["old.example"], signers: [] }, "todo", /^Once the steps above are done/],
    [
      { nameServers: ["old.example"], signers: [{ ...signer, keyTag: 1 }] },
      "todo",
      /before you set the new name servers/,
    ],
    [
      { signers: [{ ...signer, keyTag: 1 }], keys: [{ keyTag: 1, algorithm: 13 }] },
      "todo",
      /is being rolled: put the new DS/,
    ],
    [
      { signers: [{ ...signer, keyTag: 1 }], keys: [{ keyTag: 2, algorithm: 13 }] },
      "wrong",
      /who validates gets no answer/,
    ],
  ] as const)(
    "a DS of another key is judged by who is asked and what still signs: %j",
    (seen, state, sentence) => {
      const steps = judgeDelegation("example.com", wanted, { ...right, ...seen });
      expect(steps.find(({ kind }) => kind === "signers")).toMatchObject({ state });
      expect(steps.find(({ kind }) => kind === "signers")?.sentence).toMatch(sentence);
    },
  );

  const silent = { serial: null, problem: "no answer within 3 s" };
  const without = { serial: null, problem: "it answered REFUSED", hasNoCopy: true };
  test.each([
    [
      silent,
      {},
      /ns1\.example\.com, the primary of example\.com, does not answer\. ns2\.fleet\.example answers alone/,
    ],
    [{}, silent, /^ns2\.fleet\.example does not answer for example\.com/],
    [{}, without, /does not hand the zone to it, or its copy has expired/],
    [silent, silent, /^ns1\.example\.com and ns2\.fleet\.example do not answer/],
    [without, without, /are reached and do not serve example\.com/],
  ])("says what silence means and whose it is: %j %j", (first, second, sentence) => {
    const [one, two] = right.servers;
    const servers = [
      { ...one, ...first },
      { ...two, ...second },
    ] as SeenDelegation["servers"];
    expect(judgeDelegation("example.com", wanted, { ...right, servers })[0]?.sentence).toMatch(sentence);
  });

  test("one silent address of a server that answers elsewhere is named", () => {
    const [one, two] = right.servers;
    const servers = [one, { ...one, address: "2001:db8::11", ...silent }, two] as SeenDelegation["servers"];
    expect(judgeDelegation("example.com", wanted, { ...right, servers })[0]?.sentence).toMatch(
      /^ns1\.example\.com at 2001:db8::11 does not answer/,
    );
  });

  describe("what is found", () => {
    const now = new Date("2026-11-20T12:00:00Z");
    const find = (seen: Partial<SeenDelegation>) =>
      findZoneProblems("example.com", { wanted, seen: { ...right, ...seen }, now }).map(
        ({ key, severity }) => `${severity} ${key}`,
      );
    const differing = right.servers.map((one, index) => ({ ...one, serial: index }));
    const quiet = right.servers.map((one) => ({ ...one, ...silent }));

    test.each([
      [{}, []],
      [{ signers: [] }, ["instruction zone-signers example.com"]],
      [{ signers: [{ ...signer, keyTag: 1 }] }, ["error zone-signers example.com"]],
      [{ servers: quiet }, ["error zone-answers example.com"]],
      [
        { servers: [{ ...right.servers[0], ...silent }, right.servers[1]] as SeenDelegation["servers"] },
        ["warning zone-answers example.com"],
      ],
      [{ servers: differing, serialsDifferSince: "2026-11-20T11:58:00Z" }, []],
      [
        { servers: differing, serialsDifferSince: "2026-11-20T11:50:00Z" },
        ["warning zone-same-serial example.com"],
      ],
      [{ nameServers: ["ns1.example.com", "old.example"] }, ["warning zone-name-servers example.com"]],
      [{ glue: [] }, ["error zone-glue example.com"]],
    ])("%j is %j", (seen, found) => {
      expect(find(seen)).toEqual(found);
    });

    test("a DS record that is missing is a record to paste, and one that is in the way is to go first", () => {
      const told = (seen: Partial<SeenDelegation>) =>
        findZoneProblems("example.com", { wanted, seen: { ...right, ...seen }, now }).at(-1)?.told;
      expect(told({ signers: [] })).toMatchObject({
        evidence: ["a.registry.example: no DS record for example.com"],
        record: `example.com. IN DS 48918 13 2 ${signer.digest}`,
      });
      const first = told({ nameServers: ["old.example"], signers: [{ ...signer, keyTag: 1 }] });
      expect(first?.record).toBeUndefined();
      expect(first?.fix).toMatch(/^Take the DS record away/);
    });

    test("nothing is an error before the world asks our name servers, and unknown is nothing at all", () => {
      expect(find({ nameServers: [], glue: [], signers: [], servers: quiet })).toEqual([
        "instruction zone-answers example.com",
        "instruction zone-name-servers example.com",
        "instruction zone-glue example.com",
        "instruction zone-signers example.com",
      ]);
      const seen = { ...right, nameServers: null, signers: null };
      expect(find(seen)).toEqual([]);
      expect(unseenOfZone("example.com", { wanted, seen })("zone-signers example.com")).toBe(true);
      expect(unseenOfZone("example.com", { wanted, seen: right })("zone-signers example.com")).toBe(false);
    });

    test("versions differ since they were first seen to, until they no longer do", () => {
      const first = serialsDifferSince({ servers: differing }, { before: null, now });
      expect(first).toBe(now.toISOString());
      const later = new Date(now.getTime() + 60_000);
      expect(serialsDifferSince({ servers: differing }, { before: first, now: later })).toBe(first);
      expect(serialsDifferSince(right, { before: first, now: later })).toBeNull();
    });
  });
});
