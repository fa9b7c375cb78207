import type { HelperRole } from "@mailstead/core/domains";
import { dkimKeys, servers, zones } from "@mailstead/db";
import { makeAgent } from "@mailstead/db/factories";
import { eq } from "drizzle-orm";
import { afterAll, expect, test } from "vitest";
import { addServer, recordFacts } from "../servers/index.ts";
import { openServerTest } from "../testing/open-server-test.ts";
import { testFacts } from "../testing/test-facts.ts";
import {
  addDomain,
  addDomainServer,
  changeMailSettings,
  changeMtaSts,
  getDomain,
  previewServerRemoval,
  previewStopMail,
  removeDomainServer,
} from "./index.ts";

const t = await openServerTest({ name: "mail1" });
const { serverId: homeId, tenantId, organisationId } = t;
afterAll(() => t.close());

const { domainId } = await addDomain(t.owner, { tenantId, serverId: homeId, name: "a.example" });

async function help(name: string, role: HelperRole): Promise<string> {
  const { serverId } = await addServer(t.owner, { tenantId, name, hostname: `${name}.a.example` });
  await makeAgent(t.database.admin, { organisationId, tenantId, serverId });
  await recordFacts(t.system, { serverId, facts: testFacts({ ipAddresses: ["198.51.100.7"] }) });
  await t.database.admin.query.update(servers).set({ appliedRevision: 1 }).where(eq(servers.id, serverId));
  await addDomainServer(t.owner, { domainId, serverId, role });
  return serverId;
}
const lines = (values: readonly { name: string; type: string; value: string }[]) =>
  values.map(({ name, type, value }) => `${name} ${type} ${value}`);

test("taking a receiving server off names the records that leave with the click, and none of the server's own", async () => {
  const serverId = await help("mx2", "mx");
  await changeMtaSts(t.owner, { domainId, mode: "testing" });
  const { atOnce, later, keys, custody } = await previewServerRemoval(t.owner, { domainId, serverId });
  expect(lines(atOnce.going)).toContain("a.example MX 10 mx2.a.example");
  expect(later).toEqual({ going: [], coming: [] });
  expect(keys).toEqual([]);
  expect(custody).toBe("by-hand");
  const before = (await getDomain(t.owner, { domainId })).records;
  await removeDomainServer(t.owner, { domainId, serverId });
  const after = (await getDomain(t.owner, { domainId })).records;
  const ofDomain = (records: typeof before) =>
    lines(records.filter(({ purpose }) => !purpose.startsWith("host-") && purpose !== "reverse"));
  expect(ofDomain(before).filter((line) => !ofDomain(after).includes(line))).toEqual(lines(atOnce.going));
  expect(ofDomain(after).filter((line) => !ofDomain(before).includes(line))).toEqual(lines(atOnce.coming));
});

test("a sending server stays in SPF until it has left, and its keys stand for longer", async () => {
  const serverId = await help("out", "outbound");
  await t.database.admin.query
    .update(dkimKeys)
    .set({ publicKey: "AAAA", state: "signing" })
    .where(eq(dkimKeys.serverId, serverId));
  await t.database.admin.query.insert(zones).values({
    id: "01890000-0000-7000-8000-000000000001",
    organisationId,
    tenantId,
    name: "a.example",
    createdAt: t.clock.now,
    soaPrimary: "ns1.a.example",
  } as never);
  const { atOnce, later, keys, custody } = await previewServerRemoval(t.owner, { domainId, serverId });
  expect(atOnce).toEqual({ going: [], coming: [] });
  expect(lines(later.going)).toEqual(["a.example TXT v=spf1 mx a:out.a.example -all"]);
  expect(lines(later.coming)).toEqual(["a.example TXT v=spf1 mx -all"]);
  expect(keys).toHaveLength(2);
  expect(custody).toBe("hosted");
});

test("nobody is told of a home that leaves, and a stranger of nothing", async () => {
  await expect(previewServerRemoval(t.owner, { domainId, serverId: homeId })).rejects.toMatchObject({
    kind: "precondition-failed",
  });
  const stranger = await t.makeStranger();
  await expect(previewServerRemoval(stranger, { domainId, serverId: homeId })).rejects.toMatchObject({
    kind: "not-found",
  });
  await expect(previewStopMail(stranger, { domainId })).rejects.toMatchObject({ kind: "not-found" });
});

test("a domain that shall have no mail is told what goes, what comes and who may send no longer", async () => {
  await changeMailSettings(t.owner, { domainId, settings: { spf: { includes: ["_spf.news.example"] } } });
  const preview = await previewStopMail(t.owner, { domainId });
  expect(preview.problem).toBeNull();
  expect(preview.otherSenders).toEqual(["_spf.news.example"]);
  expect(lines(preview.difference.going)).toContain("a.example MX 10 mail1.msp.example");
  expect(lines(preview.difference.coming)).toEqual([
    "a.example TXT v=spf1 -all",
    "_dmarc.a.example TXT v=DMARC1; p=reject",
    "a.example MX 0 .",
  ]);
});
