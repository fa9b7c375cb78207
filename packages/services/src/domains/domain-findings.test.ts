import {
  type CheckFinding,
  judgeRecord,
  type NameServerAnswer,
  type PlannedRecord,
} from "@mailstead/core/dns";
import { afterAll, expect, test } from "vitest";
import { listFindingChanges, listOpenErrors, recordServerCheck } from "../checks/index.ts";
import { openServerTest } from "../testing/open-server-test.ts";
import { addDomain, getDomain, recordDomainCheck } from "./index.ts";

const t = await openServerTest();
afterAll(() => t.close());
const { serverId } = t;
const { domainId } = await addDomain(t.owner, { tenantId: t.tenantId, serverId, name: "a.example" });

const bogus: CheckFinding = {
  kind: "dnssec-bogus",
  about: "a.example",
  severity: "error",
  sentence: "The signatures of a.example have expired.",
  evidence: ["ns1.a.example: signature over SOA by key 1, valid until yesterday"],
  why: "Receivers find nothing.",
  fix: "Sign it again.",
};

/** A check in which two name servers answer so, or nothing at all. */
async function see(
  valuesOf: (record: PlannedRecord) => string[] | null,
  {
    findings = [],
    isDark = false,
    isUnheard = false,
    hasZones = true,
  }: { findings?: CheckFinding[]; isDark?: boolean; isUnheard?: boolean; hasZones?: boolean } = {},
) {
  t.clock.now = new Date(t.clock.now.getTime() + 60_000);
  const { records } = await getDomain(t.owner, { domainId });
  return recordDomainCheck(t.owner, {
    domainId,
    report: {
      kind: "checked",
      records: records.map((record) => {
        const answers = [1, 2].map((number): NameServerAnswer => {
          const who = { nameServer: `ns${number}.a.example`, address: `192.0.2.${number}` };
          const values = valuesOf(record);
          return values === null
            ? { ...who, kind: "failed", problem: "it did not answer" }
            : { ...who, kind: "answered", values };
        });
        return { record, verdict: judgeRecord(record, answers) };
      }),
      zones: hasZones
        ? [
            {
              zone: "a.example",
              dnssec: { kind: isDark ? "unknown" : "none", sentence: "Not signed." },
              findings,
              ...(isUnheard ? { isUnheard } : {}),
            },
          ]
        : [],
    },
  });
}

test("a look says which findings stand only because nobody answered about them", async () => {
  const seen = await see(({ purpose, value }) => (purpose === "mx" ? [] : [value]), { findings: [bogus] });
  expect(seen.unseen).toEqual([]);
  const { unseen } = await see(() => null, { isDark: true, isUnheard: true });
  expect(unseen).toEqual(expect.arrayContaining([expect.stringMatching(/^record mx /)]));
  expect((await see(({ value }) => [value])).unseen).toEqual([]);
  later();
});

const changes = async () =>
  (await listFindingChanges(t.owner)).map(
    ({ what, severity, sentence }) => `${what} ${severity}: ${sentence}`,
  );
const later = () => {
  t.clock.now = new Date(t.clock.now.getTime() + 25 * 3_600_000);
};

test("what a check finds is opened once and closed when it is gone; what nobody answered stays as it was", async () => {
  await see(({ purpose, value }) => (purpose === "mx" ? [] : [value]), { findings: [bogus] });
  expect((await changes()).sort()).toEqual([
    "opened error: MX a.example: This record is not published.",
    "opened error: The signatures of a.example have expired.",
  ]);
  later();
  await see(() => null, { isDark: true });
  expect(await changes()).toEqual([]);
  await see(({ purpose, value }) => (purpose === "mx" ? [] : [value]), { findings: [bogus] });
  expect(await changes()).toEqual([]);
  await see(({ value }) => [value]);
  expect((await changes()).map((line) => line.split(" ")[0])).toEqual(["closed", "closed"]);
});

test("name servers that are all silent for a while settle nothing that was found in their zone", async () => {
  const wildcard: CheckFinding = {
    ...bogus,
    kind: "wildcard",
    about: "*.a.example TXT",
    sentence: "A wildcard.",
  };
  const silent: CheckFinding = { ...bogus, kind: "silent", sentence: "No name server answers." };
  await see(({ value }) => [value], { findings: [wildcard] });
  later();
  await see(() => null, { findings: [silent], isDark: true, isUnheard: true });
  expect(await changes()).toEqual(["opened error: No name server answers."]);
  await see(({ value }) => [value]);
  expect((await changes()).filter((line) => line.startsWith("closed"))).toContain(
    "closed error: A wildcard.",
  );
  later();
});

test("a resolver that reaches nobody but the root finds no zone, and settles nothing that was found in one", async () => {
  const lame: CheckFinding = { ...bogus, kind: "lame", sentence: "One is lame." };
  await see(({ value }) => [value], { findings: [lame] });
  later();
  await see(() => null, { hasZones: false });
  expect(await changes()).toEqual([]);
  await see(({ value }) => [value]);
  expect(await changes()).toEqual(["closed error: One is lame."]);
  later();
});

test("what hurts mail now is listed for Home, and a server's findings stand on the pages of its domains", async () => {
  await see(({ value }) => [value], { findings: [bogus] });
  expect(await listOpenErrors(t.owner)).toMatchObject([
    { sentence: bogus.sentence, subject: { kind: "domain", name: "a.example" }, subjectCount: 1 },
  ]);
  const missing: CheckFinding = { ...bogus, kind: "ptr-missing", about: "192.0.2.1", sentence: "No name." };
  const advice = { ...bogus, severity: "instruction" as const };
  const ofPort = (port: number): CheckFinding => ({
    ...advice,
    kind: "certificate-untrusted",
    about: `192.0.2.1:${port}`,
    sentence: "Nobody trusts it.",
    evidence: [`192.0.2.1:${port}`],
  });
  const roleOf = (domain: string): CheckFinding => ({
    ...advice,
    kind: "role-address-refused",
    about: `abuse@${domain}`,
    sentence: `${domain} has no abuse@.`,
  });
  const backup: CheckFinding = { ...advice, kind: "backup-unknown", about: "backup", sentence: "No backup." };
  await recordServerCheck(t.owner, {
    serverId,
    report: {
      facts: {
        hostname: "mail1.msp.example",
        ipFamilies: "dual",
        checkedAt: t.clock.now,
        addresses: [],
        forwardAddresses: [],
        tls: [],
        tlsa: null,
        page: null,
        listings: [],
        routes: null,
        inside: null,
      },
      findings: [missing, ofPort(25), ofPort(993), roleOf("a.example"), roleOf("b.example"), backup],
    },
  });
  expect(await listOpenErrors(t.owner)).toHaveLength(2);
  // What concerns the domain and is seen from outside, each once.
  expect((await getDomain(t.owner, { domainId })).hosts).toMatchObject([
    {
      id: serverId,
      hostname: "mail1.msp.example",
      findings: [
        { kind: "ptr-missing" },
        { kind: "certificate-untrusted", evidence: ["192.0.2.1:25", "192.0.2.1:993"] },
        { kind: "role-address-refused", about: "abuse@a.example" },
      ],
    },
  ]);
});

test("a stranger sees none of it", async () => {
  const stranger = await t.makeStranger();
  expect(await listOpenErrors(stranger)).toEqual([]);
  expect(await listFindingChanges(stranger)).toEqual([]);
});
