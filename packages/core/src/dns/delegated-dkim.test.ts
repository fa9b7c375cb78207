import { expect, test } from "vitest";
import { planDkimAlias } from "./delegated-dkim.ts";
import { judgeRecord } from "./judge-record.ts";
import { planDkimRecord } from "./plan-dkim-record.ts";
import { planRecords } from "./plan-records.ts";
import { zoneFileLine } from "./record-text.ts";

const target = "ms1.0193f0b27c5e7d8a9b1c2d3e4f506172.dkim.msp.example";
const alias = { selector: "ms1", target, algorithm: "rsa-2048", isInUse: true } as const;
const planned = planDkimAlias("example.org", alias);
const saying = (...values: string[]) =>
  ({ nameServer: "ns1.example.org", address: "192.0.2.1", kind: "answered", values }) as const;

test("a delegated name is planned as an alias for the customer, and its key in the organisation's zone", () => {
  expect(zoneFileLine(planned)).toContain(`ms1._domainkey.example.org. `);
  expect(planned).toMatchObject({ type: "CNAME", value: target, level: "required" });
  const key = {
    domain: "example.org",
    selector: "ms202611a",
    algorithm: "rsa-2048",
    publicKey: "QUJD",
  } as const;
  expect(planDkimRecord({ ...key, target })).toMatchObject({
    name: target,
    type: "TXT",
    publishedAt: "delegated-dns",
  });
  const records = planRecords({
    domain: "example.org",
    servers: [],
    dkimKeys: [{ ...key, target }],
    dkimAliases: [alias],
  });
  expect(records.filter(({ name }) => name.includes("_domainkey")).map(({ type }) => type)).toEqual([
    "CNAME",
  ]);
});

test.each([
  ["our alias", [saying(target)], "ok"],
  ["our alias in capitals and with a dot", [saying(`${target.toUpperCase()}.`)], "ok"],
  ["nothing", [saying()], "missing"],
  ["an alias of somebody else's key", [saying("s1.domainkey.sender.example")], "different"],
  ["an alias on one server only", [saying(target), saying()], "disagreeing"],
] as const)("at a delegated name %s is judged", (_, answers, kind) => {
  expect(judgeRecord(planned, answers).kind).toBe(kind);
});

test("an alias is only recommended while no key stands behind it", () => {
  expect(planDkimAlias("example.org", { ...alias, isInUse: false }).level).toBe("recommended");
  expect(planDkimAlias("example.org", { ...alias, algorithm: "ed25519" }).level).toBe("recommended");
});
