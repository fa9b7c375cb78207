import { certificates, domainServers } from "@mailstead/db";
import { afterEach, beforeEach, expect, test } from "vitest";
import { listAudit } from "../audit/index.ts";
import { addDomain } from "../domains/index.ts";
import { type CertificateTest, openCertificateTest } from "./certificate-world.testing.ts";
import { changeAuthority, listCertificateLooks, listCertificates } from "./index.ts";

let t: CertificateTest;
beforeEach(async () => {
  t = await openCertificateTest({ isAutomatic: true });
});
afterEach(() => t.close());

/** Runs until every certificate that there is was issued, and gives their names. */
async function namesOnceIssued(): Promise<string[]> {
  for (let turn = 0; turn < 20; turn += 1) {
    await t.run();
    const views = await listCertificates(t.owner, {});
    if (views.length > 0 && views.every(({ notAfter, isChangingKey }) => notAfter !== null && !isChangingKey))
      return views.flatMap(({ names }) => names).toSorted();
    t.later(16_000);
  }
  throw new Error(`Not all were issued: ${JSON.stringify(await listCertificates(t.owner, {}), null, 1)}`);
}

test("the host's and the domain's certificates are ordered once the server is installed, and nobody asked", async () => {
  await t.run();
  expect(await listCertificates(t.owner, {})).toEqual([]);
  await t.host.report();
  expect(await namesOnceIssued()).toEqual(["imap.alpha.example", "mail1.msp.example"]);
  expect(t.ca.orders).toHaveLength(2);
  const asked = (await listAudit(t.owner, {})).entries.filter(
    ({ action }) => action === "request-certificate",
  );
  expect(asked.map(({ actorName }) => actorName)).toEqual([t.system.actor.name, t.system.actor.name]);
});

test("nothing is ordered before the terms are accepted, nor where people want to order themselves", async () => {
  await t.host.report();
  const { settings } = t;
  await t.run({ settings: { ...settings, areTermsAgreed: false } });
  expect(await listCertificates(t.owner, {})).toEqual([]);
  await t.run({ settings });
  expect(await listCertificates(t.owner, {})).toHaveLength(2);
  await t.database.admin.query.delete(certificates);
  await changeAuthority(t.owner, { directoryUrl: settings.directoryUrl, isAutomatic: false });
  await t.run();
  expect(await listCertificates(t.owner, {})).toEqual([]);
});

test("a domain is looked at again until a name of it leads to the host, and says so meanwhile", async () => {
  await t.host.report();
  const { tenantId, serverId } = t;
  const { domainId } = await addDomain(t.owner, { tenantId, serverId, name: "acme.example" });
  await namesOnceIssued();
  const [look] = await listCertificateLooks(t.owner, { domainId });
  expect(look).toMatchObject({
    serverId,
    sentence: expect.stringMatching(/^No name of acme\.example leads to this server/),
  });
  expect(look?.nextLookAt.getTime()).toBeLessThan(t.clock.now.getTime() + 15 * 60_000);
  expect(await listCertificateLooks(await t.makeStranger(), { domainId })).toEqual([]);
  t.dns.publish("mta-sts.acme.example A 127.0.0.9");
  await t.run();
  expect(await listCertificates(t.owner, { domainId })).toEqual([]);
  t.later(15 * 60_000);
  expect(await namesOnceIssued()).toContain("mta-sts.acme.example");
  expect(await listCertificateLooks(t.owner, { domainId })).toEqual([]);
});

test("a domain whose names are published one after the other gets a certificate with all of them", async () => {
  await t.host.report();
  await namesOnceIssued();
  t.dns.publish("mta-sts.alpha.example A 127.0.0.9");
  t.later(61 * 60_000);
  await t.run();
  expect(await namesOnceIssued()).toEqual([
    "imap.alpha.example",
    "mail1.msp.example",
    "mta-sts.alpha.example",
  ]);
  // A name that leads elsewhere takes nothing away before the renewal.
  t.dns.withdraw("imap.alpha.example A 127.0.0.9");
  t.later(61 * 60_000);
  const count = t.ca.orders.length;
  expect(await namesOnceIssued()).toContain("imap.alpha.example");
  expect(t.ca.orders).toHaveLength(count);
});

test("no certificate for a domain is ordered on a server that only helps it, because its names lead to another", async () => {
  await t.database.admin.query.update(domainServers).set({ role: "mx" });
  await t.host.report();
  expect(await namesOnceIssued()).toEqual(["mail1.msp.example"]);
});

test("two workers order each certificate once", async () => {
  await t.host.report();
  await Promise.all([t.run(), t.run()]);
  await namesOnceIssued();
  expect(t.ca.orders).toHaveLength(2);
});
