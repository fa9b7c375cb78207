import { checkFindings } from "@mailstead/db";
import { afterEach, beforeEach, expect, test } from "vitest";
import { listOpenErrors, recordServerCheck } from "../checks/index.ts";
import { type CertificateTest, openCertificateTest } from "./certificate-world.testing.ts";
import { listCertificateFindings, recordCertificateFindings } from "./index.ts";

const dayMs = 86_400_000;
let t: CertificateTest;
beforeEach(async () => {
  t = await openCertificateTest();
});
afterEach(() => t.close());

const noFacts = {
  hostname: "mail1.msp.example",
  addresses: [],
  forwardAddresses: [],
  ipFamilies: "dual",
} as unknown as Parameters<typeof recordServerCheck>[1]["report"]["facts"];

test("raises an alarm 14 and 7 days before it ends", async () => {
  await t.ask();
  const { notAfter } = await t.issued();
  const levelAt = async (daysLeft: number) => {
    t.clock.now = new Date((notAfter?.getTime() ?? 0) - daysLeft * dayMs);
    return (await listCertificateFindings(t.owner))[0]?.concern.level ?? null;
  };
  expect([await levelAt(15), await levelAt(13.9), await levelAt(6.9), await levelAt(-1)]).toEqual([
    null,
    "attention",
    "trouble",
    "trouble",
  ]);
});

test("both alarms are one finding, each is mailed, and it goes once another certificate is there", async () => {
  await t.ask();
  const { notAfter } = await t.issued();
  const { app } = t.database;
  const openAt = async (daysLeft: number) => {
    t.clock.now = new Date((notAfter?.getTime() ?? 0) - daysLeft * dayMs);
    expect(await recordCertificateFindings(t.system, { app, installation: t.installation })).toEqual([]);
    const rows = await t.database.admin.query.select().from(checkFindings);
    return rows.filter(({ closedAt }) => closedAt === null).map(({ severity, key }) => `${severity} ${key}`);
  };
  const ends = "warning held-certificate-ends mail1.msp.example on mail1";
  const soon = "error held-certificate-ends mail1.msp.example on mail1";
  expect(await openAt(15)).toEqual([]);
  expect(await openAt(13)).toEqual([ends]);
  await t.database.admin.query.update(checkFindings).set({ openedToldAt: t.clock.now });
  expect(await openAt(6)).toEqual([soon]);
  // It was told as a warning, and is told anew.
  expect(await t.database.admin.query.select().from(checkFindings)).toMatchObject([
    {
      openedToldAt: null,
      sentence: expect.stringMatching(
        /^The certificate of mail1\.msp\.example on mail1 ends on \d+ [A-Z][a-z]+ \d{4}, and mail programs/,
      ),
    },
  ]);
  // Home has a line of its own for it.
  expect(await listOpenErrors(t.owner)).toEqual([]);
  await recordServerCheck(t.owner, { serverId: t.serverId, report: { facts: noFacts, findings: [] } });
  expect(await openAt(5)).toEqual([soon]);
  t.ca.validDays = 300;
  await t.runUntil((view) => view.notAfter?.getTime() !== notAfter?.getTime());
  expect(await recordCertificateFindings(t.system, { app, installation: t.installation })).toEqual([]);
  const rows = await t.database.admin.query.select().from(checkFindings);
  expect(rows.every(({ closedAt }) => closedAt !== null)).toBe(true);
});

test("an order that keeps failing is told too, in the words of its last failure", async () => {
  t.dns.withdraw("mail1.msp.example A 127.0.0.9");
  await t.ask();
  await t.run();
  await recordCertificateFindings(t.system, { app: t.database.app, installation: t.installation });
  const rows = await t.database.admin.query.select().from(checkFindings);
  expect(rows).toMatchObject([
    {
      serverId: t.serverId,
      severity: "warning",
      sentence: expect.stringMatching(
        /^mail1 has no certificate for mail1\.msp\.example, and none can be got\. [Mm]ail1\.msp\.example leads nowhere yet/,
      ),
    },
  ]);
});
