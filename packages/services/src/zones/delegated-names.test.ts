import { delegatedNamesOf } from "@mailstead/core/dkim";
import { dkimKeys, domains } from "@mailstead/db";
import { makeAgent } from "@mailstead/db/factories";
import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  delegateDomainKeys,
  getDelegationZone,
  keepDomainKeys,
  setDelegationZone,
} from "../dkim-delegation/index.ts";
import { publishByHand } from "../dns/index.ts";
import { addDomain, removeDomain } from "../domains/index.ts";
import { addServer, installServer, recordFacts } from "../servers/index.ts";
import { createTenant } from "../tenants/index.ts";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import { testFacts } from "../testing/test-facts.ts";
import { createHostedZonePublisher, createZone, getZone, removeZone, renewWaitingZones } from "./index.ts";

let t: ServiceTest;
let zoneId: string;
let domainId: string;
let otherTenantId: string;
let otherServerId: string;
beforeAll(async () => {
  t = await openServiceTest();
  const [primaryServerId, secondaryServerId] = await Promise.all(
    [1, 2].map((place) => makeServer(t.tenantId, `ns${place}`)),
  );
  if (primaryServerId === undefined || secondaryServerId === undefined) throw new Error("no servers");
  zoneId = (
    await createZone(t.owner, {
      tenantId: t.tenantId,
      name: "keys.example",
      primaryServerId,
      secondaryServerId,
    })
  ).zoneId;
  otherTenantId = (await createTenant(t.owner, { name: "Another customer" })).tenantId;
  otherServerId = await makeServer(otherTenantId, "other");
  domainId = (await addOther("customer.example")).domainId;
});
afterAll(() => t.close());

const addOther = (name: string, delegatesKeys = false) =>
  addDomain(t.owner, { tenantId: otherTenantId, serverId: otherServerId, name, delegatesKeys });

async function makeServer(tenantId: string, name: string): Promise<string> {
  const { serverId } = await addServer(t.owner, { tenantId, name, hostname: `${name}.msp.example` });
  await makeAgent(t.database.admin, { organisationId: t.organisationId, tenantId, serverId });
  const ipAddresses = [`198.51.100.${name.charCodeAt(name.length - 1)}`];
  await recordFacts(t.system, { serverId, facts: testFacts({ ipAddresses }) });
  await installServer(t.owner, { serverId });
  return serverId;
}

const publisher = () =>
  createHostedZonePublisher({ ...t.owner, actor: { kind: "system", name: "worker" } }, publishByHand);
const key = (name: string, value: string, publishedAt: "delegated-dns" | "domain-dns" = "delegated-dns") =>
  ({
    purpose: "dkim",
    name,
    type: "TXT",
    value,
    level: "required",
    reason: "r",
    withoutIt: "w",
    publishedAt,
  }) as const;
const publish = (put: ReturnType<typeof key>[], of = domainId) =>
  publisher().publish({
    organisationId: t.organisationId,
    domainId: of,
    put,
    withdraw: [],
    reason: "rotation of the DKIM keys",
  });
const standing = async () => (await getZone(t.owner, { zoneId })).records.map(({ value }) => value);

test("delegated names may lie in a zone that is hosted here, and in none that Mailstead cannot write to", async () => {
  await expect(setDelegationZone(t.owner, { zone: "dkim.elsewhere.example" })).rejects.toMatchObject({
    kind: "precondition-failed",
    message: expect.stringContaining("lies in no zone"),
  });
  await expect(setDelegationZone(t.as("technician"), { zone: "dkim.keys.example" })).rejects.toMatchObject({
    kind: "forbidden",
  });
  await expect(delegateDomainKeys(t.owner, { domainId })).rejects.toMatchObject({
    kind: "precondition-failed",
    message: expect.stringContaining("has not said"),
  });
  await setDelegationZone(t.owner, { zone: "dkim.keys.example" });
  expect(await getDelegationZone(t.owner)).toEqual({
    zone: "dkim.keys.example",
    reachable: ["keys.example"],
  });
});

test("keys of another customer's domain stand in the organisation's zone, one after the other under one name", async () => {
  await delegateDomainKeys(t.owner, { domainId });
  const [domain] = await t.database.admin.query.select().from(domains).where(eq(domains.id, domainId));
  const [{ target } = { target: "" }] = delegatedNamesOf(1, domain?.dkimDelegatedTo ?? "");
  expect(await publish([key(target, "v=DKIM1; k=rsa; p=QUJD")])).toEqual({ kind: "published", changes: 1 });
  await renewWaitingZones(t.system, { app: t.database.app, installation: t.installation });
  expect(await standing()).toEqual(["v=DKIM1; k=rsa; p=QUJD"]);
  expect(await publish([key(target, "v=DKIM1; k=rsa; p=WFla")])).toEqual({ kind: "published", changes: 2 });
  expect(await standing()).toEqual(["v=DKIM1; k=rsa; p=WFla"]);
});

test("nothing else of another customer's domain is written into that zone", async () => {
  expect(await publish([key("ms1.keys.example", "v=DKIM1; k=rsa; p=QUJD", "domain-dns")])).toEqual({
    kind: "by-hand",
  });
});

test("keys of a domain that somebody removes who sees its customer only stand until mail on its way has arrived", async () => {
  const gone = await addOther("leaving.example", true);
  const [domain] = await t.database.admin.query.select().from(domains).where(eq(domains.id, gone.domainId));
  const [{ target } = { target: "" }] = delegatedNamesOf(1, domain?.dkimDelegatedTo ?? "");
  const value = "v=DKIM1; k=rsa; p=TEVBVkVT";
  expect(await publish([key(target, value)], gone.domainId)).toMatchObject({ kind: "published" });
  await removeDomain(t.as("admin", otherTenantId), { domainId: gone.domainId });
  const renew = () => renewWaitingZones(t.system, { app: t.database.app, installation: t.installation });
  await renew();
  expect(await standing()).toContain(value);
  const before = t.clock.now;
  t.clock.now = new Date(before.getTime() + 8 * 86_400_000);
  await renew();
  expect(await standing()).not.toContain(value);
  t.clock.now = before;
});

describe("while a key stands behind a delegated name", () => {
  const remove = (person = t.owner) =>
    removeZone(person, { zoneId, confirmedName: "keys.example" }).then(
      () => "removed",
      ({ kind, message }) => `${kind}: ${message}`,
    );

  beforeAll(async () => {
    const [domain] = await t.database.admin.query.select().from(domains).where(eq(domains.id, domainId));
    const [name] = delegatedNamesOf(1, domain?.dkimDelegatedTo ?? "");
    await t.database.admin.query
      .update(dkimKeys)
      .set({ publishedAtName: name?.target ?? "", signsAs: name?.selector ?? "", state: "signing" })
      .where(and(eq(dkimKeys.domainId, domainId), eq(dkimKeys.algorithm, "rsa-2048")));
  });

  test("its domain is not handed over to another zone, because one name cannot be an alias of two", async () => {
    await keepDomainKeys(t.owner, { domainId });
    await setDelegationZone(t.owner, { zone: "moved.keys.example" });
    await expect(delegateDomainKeys(t.owner, { domainId })).rejects.toMatchObject({
      kind: "precondition-failed",
      message: expect.stringContaining("ms1._domainkey.customer.example still leads to a key in "),
    });
    await setDelegationZone(t.owner, { zone: "dkim.keys.example" });
    await delegateDomainKeys(t.owner, { domainId });
  });

  test("its zone is not removed, not even by somebody who sees no other customer's domains", async () => {
    await setDelegationZone(t.owner, { zone: null });
    const refused = expect.stringContaining(
      "precondition-failed: Signature keys of 1 domain stand in keys.example",
    );
    expect(await remove()).toEqual(refused);
    expect(await remove({ ...t.owner, tenantId: t.tenantId })).toEqual(refused);
  });

  test("and none is removed below which domains are still handed over, until the setting is taken back", async () => {
    await t.database.admin.query
      .update(dkimKeys)
      .set({ state: "destroyed" })
      .where(eq(dkimKeys.domainId, domainId));
    await setDelegationZone(t.owner, { zone: "dkim.keys.example" });
    expect(await remove()).toContain("precondition-failed: Delegated DKIM names lie in keys.example");
    await setDelegationZone(t.owner, { zone: null });
    expect(await remove()).toContain("precondition-failed: Delegated DKIM names lie in keys.example");
    await keepDomainKeys(t.owner, { domainId });
    expect(await remove()).toBe("removed");
  });
});
