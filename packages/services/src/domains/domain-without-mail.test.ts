import { keyFindingKey } from "@mailstead/core/dkim";
import { auditEntries, certificates, checkFindings, dkimKeys } from "@mailstead/db";
import { makeCertificate } from "@mailstead/db/factories";
import { eq, inArray } from "drizzle-orm";
import { afterAll, expect, test } from "vitest";
import { recordFindings } from "../checks/index.ts";
import { withTransaction } from "../context/index.ts";
import { createAlias, createMailbox, removeAlias, removeMailbox } from "../mailboxes/index.ts";
import { startRotation } from "../rotations/index.ts";
import { changeHostname, getTargetState, readDirectoryChanges } from "../servers/index.ts";
import { openServerTest } from "../testing/open-server-test.ts";
import { recordDomainCheck } from "./check-domain.ts";
import {
  addDomain,
  addDomainWithoutMail,
  changeMailSettings,
  changeMtaSts,
  type DomainCheckReport,
  getDomain,
  getMailSettings,
  startDomainMail,
  stopDomainMail,
} from "./index.ts";

const t = await openServerTest({ name: "mail1" });
const { serverId, tenantId, organisationId } = t;
afterAll(() => t.close());

const add = async (name: string) => (await addDomain(t.owner, { tenantId, serverId, name })).domainId;
const stop = (domainId: string, by = t.owner) => stopDomainMail(by, { domainId });
const start = (domainId: string, by = t.owner) => startDomainMail(by, { domainId, serverId });
const partOf = async (name: string) =>
  (await getTargetState(t.owner, { serverId })).state.domains.find((domain) => domain.name === name);
const valuesOf = async (domainId: string) =>
  (await getDomain(t.owner, { domainId })).records.map(({ name, type, value }) => `${name} ${type} ${value}`);
const sign = (domainId: string) =>
  t.database.admin.query
    .update(dkimKeys)
    .set({ publicKey: "AAAA", state: "signing" })
    .where(eq(dkimKeys.domainId, domainId));

test("a domain without addresses becomes one without mail, and comes back with its settings and new keys", async () => {
  const domainId = await add("a.example");
  await makeCertificate(t.database.admin, { organisationId, tenantId, serverId, domainId });
  const { settings } = await getMailSettings(t.owner, { domainId });
  const wished = { ...settings, spf: { ...settings.spf, includes: ["_spf.news.example"] } };
  await changeMailSettings(t.owner, { domainId, settings: wished });
  await sign(domainId);
  const selectors = (await partOf("a.example"))?.dkimKeys.map(({ selector }) => selector) ?? [];
  await stop(domainId);
  expect(await partOf("a.example")).toBeUndefined();
  expect(await getDomain(t.owner, { domainId })).toMatchObject({ isWithoutMail: true, servers: [] });
  // What was signed with them may be on its way.
  expect(await valuesOf(domainId)).toEqual([
    "a.example TXT v=spf1 -all",
    "_dmarc.a.example TXT v=DMARC1; p=reject",
    "a.example MX 0 .",
    ...selectors.map((selector) => expect.stringMatching(`^${selector}._domainkey.a.example TXT`)),
  ]);
  const left = await t.database.admin.query.select().from(certificates);
  expect(left.filter((certificate) => certificate.domainId === domainId)).toEqual([]);
  t.clock.now = new Date(t.clock.now.getTime() + 8 * 86_400_000);
  const report = { kind: "checked", zones: [], records: [] } as unknown as DomainCheckReport;
  await recordDomainCheck(t.owner, { domainId, report });
  expect(await valuesOf(domainId)).toHaveLength(3);

  await start(domainId);
  const part = await partOf("a.example");
  expect(part?.dkimKeys).toHaveLength(2);
  for (const { selector } of part?.dkimKeys ?? []) expect(selectors).not.toContain(selector);
  expect((await getMailSettings(t.owner, { domainId })).settings).toEqual(wished);
  expect(await valuesOf(domainId)).toEqual(
    expect.arrayContaining([
      "a.example MX 10 mail1.msp.example",
      "a.example TXT v=spf1 mx include:_spf.news.example -all",
    ]),
  );
  await createMailbox(t.owner, { domainId, localPart: "ann", password: "a good password" });
  const { changes } = await readDirectoryChanges(t.system, {
    serverId,
    epoch: 1,
    afterRevision: 0,
    upToRevision: 10_000,
  });
  expect(changes.map(({ op, key }) => `${op} ${key}`)).toEqual([
    "upsert a.example",
    "delete a.example",
    "upsert a.example",
    "upsert ann@a.example",
  ]);
  const audit = await t.database.admin.query
    .select()
    .from(auditEntries)
    .where(inArray(auditEntries.action, ["stop-domain-mail", "start-domain-mail"]))
    .orderBy(auditEntries.at);
  expect(audit).toMatchObject([
    { before: { servers: ["mail1"], selectors } },
    { after: { server: "mail1" } },
  ]);
});

test("what was wrong with the keys of a domain is wrong no more once it has none", async () => {
  const domainId = await add("kept.example");
  const sentence = "The DKIM keys of kept.example could not be replaced when it was their turn.";
  const found = [{ key: keyFindingKey("not-replaced"), severity: "warning" as const, sentence }];
  await withTransaction(t.owner, (tx) =>
    recordFindings(
      tx,
      { organisationId, tenantId, domainId },
      { found, unseen: () => false, at: t.clock.now, by: "keys" },
    ),
  );
  await stop(domainId);
  const kept = await t.database.admin.query.select().from(checkFindings);
  expect(kept).toMatchObject([{ domainId, sentence, closedAt: t.clock.now }]);
});

test("a domain with addresses goes on, and is told how many they are", async () => {
  const domainId = await add("b.example");
  const { mailboxId } = await createMailbox(t.owner, {
    domainId,
    localPart: "ann",
    password: "a good password",
  });
  const { aliasId } = await createAlias(t.owner, {
    domainId,
    localPart: "info",
    destinations: ["ann@elsewhere.example"],
  });
  const refusal = (message: RegExp) => ({
    kind: "precondition-failed",
    message: expect.stringMatching(message),
  });
  await expect(stop(domainId)).rejects.toMatchObject(
    refusal(/^b\.example still has 1 mailbox and 1 alias; remove those first/),
  );
  await removeMailbox(t.owner, { mailboxId });
  await expect(stop(domainId)).rejects.toMatchObject(refusal(/^b\.example still has 1 alias;/));
  await removeAlias(t.owner, { aliasId });
  expect(await partOf("b.example")).toBeDefined();
  await stop(domainId);
  await expect(stop(domainId)).rejects.toMatchObject(refusal(/has no mail already/));
});

test("what others still count on keeps a domain's mail", async () => {
  const domainId = await add("c.example");
  await changeMtaSts(t.owner, { domainId, mode: "testing" });
  await sign(domainId);
  await startRotation(t.owner, { domainId, kind: "by-hand" });
  await expect(stop(domainId)).rejects.toMatchObject({ message: expect.stringMatching(/are being rotated/) });
  const namesake = await add("mail1.msp.example");
  await expect(stop(namesake)).rejects.toMatchObject({
    message: expect.stringMatching(/^mail1\.msp\.example is the host name of mail1/),
  });
  await changeHostname(t.owner, { serverId, hostname: "mail2.msp.example" });
  await stop(namesake);
  await changeHostname(t.owner, { serverId, hostname: "mail1.msp.example" });
});

test("only who may remove a domain stops its mail, and who may add one starts it", async () => {
  const { domainId } = await addDomainWithoutMail(t.owner, { tenantId, name: "d.example" });
  await expect(start(domainId, t.as("auditor"))).rejects.toMatchObject({ kind: "forbidden" });
  await expect(start(domainId, await t.makeStranger())).rejects.toMatchObject({ kind: "not-found" });
  await start(domainId);
  await expect(start(domainId)).rejects.toMatchObject({ kind: "conflict" });
  await expect(stop(domainId, t.as("technician"))).rejects.toMatchObject({ kind: "forbidden" });
  await expect(stop(domainId, await t.makeStranger())).rejects.toMatchObject({ kind: "not-found" });
});

test("a domain without mail names who gets reports and which names below have none either", async () => {
  const { domainId } = await addDomainWithoutMail(t.owner, { tenantId, name: "e.example" });
  const settings = { dmarc: { reportsTo: ["dmarc@msp.example"] }, namesWithoutMail: ["www"] };
  await changeMailSettings(t.owner, { domainId, settings });
  expect(await valuesOf(domainId)).toEqual([
    "e.example TXT v=spf1 -all",
    "_dmarc.e.example TXT v=DMARC1; p=reject; rua=mailto:dmarc@msp.example",
    "e.example MX 0 .",
    "www.e.example TXT v=spf1 -all",
    "_dmarc.www.e.example TXT v=DMARC1; p=reject",
    "www.e.example MX 0 .",
  ]);
});
