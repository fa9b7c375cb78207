import { issuedCertificates } from "@mailstead/db";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { listAudit } from "../audit/index.ts";
import { removeDomain } from "../domains/index.ts";
import { removeServer } from "../servers/index.ts";
import { removeTenant } from "../tenants/index.ts";
import { type CertificateTest, openCertificateTest } from "./certificate-world.testing.ts";
import { listCertificates, listRemovedCertificates, revokeCertificate } from "./index.ts";

let t: CertificateTest;
beforeEach(async () => {
  t = await openCertificateTest();
});
afterEach(() => t.close());

describe("a revocation", () => {
  const inForce = async () => {
    const [issued] = (await t.view()).issued.filter(({ isInForce }) => isInForce);
    if (issued === undefined) throw new Error("No certificate is in force.");
    return issued;
  };
  const issuedOf = async (id: string) => (await t.view()).issued.find((one) => one.id === id);

  test("of what the host shows waits until another one with another key is served", async () => {
    await t.ask();
    await t.issued();
    const first = await inForce();
    await revokeCertificate(t.owner, { issuedId: first.id, reason: "key-compromise" });
    await t.run();
    expect(t.ca.revoked).toEqual([]);
    expect((await t.view()).isChangingKey).toBe(true);
    expect((await issuedOf(first.id))?.revocation?.isWaiting).toBe(true);
    await expect(
      revokeCertificate(t.owner, { issuedId: first.id, reason: "superseded" }),
    ).rejects.toMatchObject({ kind: "conflict", message: expect.stringContaining("being revoked") });
    await t.runUntil(({ isChangingKey }) => !isChangingKey);
    t.later(61_000);
    await t.run();
    t.later(61_000);
    await t.run();
    expect(t.ca.revoked).toEqual([{ serial: first.serial, reason: 1 }]);
    expect((await issuedOf(first.id))?.revocation).toMatchObject({
      reason: "key-compromise",
      requestedBy: t.owner.actor.name,
      revokedAt: expect.any(Date),
    });
    expect((await inForce()).id).not.toBe(first.id);
    await expect(
      revokeCertificate(t.owner, { issuedId: first.id, reason: "superseded" }),
    ).rejects.toMatchObject({ kind: "conflict", message: expect.stringContaining("revoked already") });
    const told = (await listAudit(t.owner, {})).entries.filter(({ action }) => /revoke/.test(action));
    expect(told.map(({ action, after }) => [action, (after as { reason: string }).reason])).toEqual([
      ["certificate-revoked", "key-compromise"],
      ["revoke-certificate", "key-compromise"],
    ]);
  });

  test("goes at once when a person says so, and what the CA had revoked already is revoked", async () => {
    await t.ask();
    await t.issued();
    const first = await inForce();
    t.ca.revoked.push({ serial: first.serial, reason: 1 });
    await revokeCertificate(t.owner, { issuedId: first.id, reason: "key-compromise", isAtOnce: true });
    expect((await issuedOf(first.id))?.revocation).toMatchObject({ revokedAt: null, isWaiting: false });
    await t.run();
    expect((await issuedOf(first.id))?.revocation?.revokedAt).toBeInstanceOf(Date);
  });

  test("of what the host still shows is said of the certificate until another one is served", async () => {
    await t.ask();
    await t.issued();
    const first = await inForce();
    expect((await t.view()).isRevoked).toBe(false);
    await t.database.admin.query.update(issuedCertificates).set({ revokedAt: t.clock.now });
    expect((await t.view()).isRevoked).toBe(true);
    await t.ask();
    await t.runUntil(({ isRequested, isInstalled }) => !isRequested && isInstalled);
    expect((await inForce()).id).not.toBe(first.id);
    expect((await t.view()).isRevoked).toBe(false);
  });

  test("is offered for nothing that has ended", async () => {
    await t.ask();
    const { notAfter } = await t.issued();
    t.clock.now = new Date((notAfter?.getTime() ?? 0) + 1);
    expect((await t.view()).issued).toEqual([]);
  });

  test("of an earlier certificate whose key has leaked revokes all of that key, the one in force once another is served", async () => {
    await t.ask();
    await t.issued();
    const first = await inForce();
    await t.ask();
    await t.runUntil(({ isRequested }) => !isRequested);
    const second = await inForce();
    expect(second.id).not.toBe(first.id);
    expect((await issuedOf(first.id))?.isKeyInForce).toBe(true);
    await revokeCertificate(t.owner, { issuedId: first.id, reason: "key-compromise" });
    expect((await t.view()).isChangingKey).toBe(true);
    await t.run();
    expect(t.ca.revoked).toEqual([{ serial: first.serial, reason: 1 }]);
    expect((await issuedOf(second.id))?.revocation).toMatchObject({ isWaiting: true, revokedAt: null });
    await t.runUntil(({ isChangingKey }) => !isChangingKey);
    t.later(61_000);
    await t.run();
    t.later(61_000);
    await t.run();
    expect(t.ca.revoked.map(({ serial }) => serial)).toEqual([first.serial, second.serial]);
    expect(await inForce()).toMatchObject({ isKeyInForce: true, revocation: null });
  });

  test("of a leaked key gives up an order for that key which waits for somebody, and another key follows", async () => {
    await t.askForDomain();
    await t.issued();
    const first = await inForce();
    t.provider.answer = "by-hand";
    await t.askForDomain({ challenge: "dns-01" });
    await t.runUntil(({ toPaste }) => toPaste.length > 0);
    await revokeCertificate(t.owner, { issuedId: first.id, reason: "key-compromise" });
    await t.run();
    t.provider.answer = "published";
    await t.runUntil(({ isChangingKey }) => !isChangingKey);
    expect(t.ca.orders.map(({ chain }) => chain !== null)).toEqual([true, false, true]);
    expect(await issuedOf(first.id)).toMatchObject({ isKeyInForce: false });
    expect((await inForce()).revocation).toBeNull();
  });

  test("of a leaked key reaches a certificate of it that the CA is just issuing", async () => {
    await t.ask();
    await t.issued();
    const first = await inForce();
    const { prove } = t.ca;
    t.ca.prove = async (challenge) => {
      t.ca.prove = prove;
      await revokeCertificate(t.owner, { issuedId: first.id, reason: "key-compromise" });
      return prove(challenge);
    };
    await t.ask();
    await t.runUntil(({ issued }) => issued.length === 2);
    const second = await inForce();
    expect(second.id).not.toBe(first.id);
    expect(await t.view()).toMatchObject({ isChangingKey: true });
    await t.runUntil(({ isChangingKey }) => !isChangingKey);
    for (let turn = 0; turn < 3; turn += 1) {
      t.later(61_000);
      await t.run();
    }
    expect(t.ca.revoked.map(({ serial }) => serial).toSorted()).toEqual(
      [first.serial, second.serial].toSorted(),
    );
    expect(await issuedOf(second.id)).toMatchObject({ isKeyInForce: false });
  });

  test("for another reason than a leaked key leaves the others of that key alone", async () => {
    await t.ask();
    await t.issued();
    const first = await inForce();
    await t.ask();
    await t.runUntil(({ isRequested }) => !isRequested);
    await revokeCertificate(t.owner, { issuedId: first.id, reason: "superseded" });
    t.later(61_000);
    await t.run();
    expect(t.ca.revoked).toEqual([{ serial: first.serial, reason: 4 }]);
    expect(await t.view()).toMatchObject({ isChangingKey: false });
    expect((await inForce()).revocation).toBeNull();
  });

  test("that the CA does not take now is tried again when it says, and one by a lost account is told", async () => {
    await t.ask();
    await t.issued();
    const first = await inForce();
    t.ca.failNext("/revoke-cert", { status: 429, code: "rateLimited", detail: "slowly", retryAfter: "3600" });
    await revokeCertificate(t.owner, { issuedId: first.id, reason: "superseded", isAtOnce: true });
    await t.run();
    const { revocation } = (await issuedOf(first.id)) ?? {};
    expect(revocation?.problem).toMatch(/asks us to wait/);
    expect(revocation?.nextLookAt?.getTime()).toBe(t.clock.now.getTime() + 3_600_000);
    t.later(3_600_000);
    await t.database.admin.query.update(issuedCertificates).set({ directoryUrl: "https://gone.example/" });
    await t.run();
    expect((await issuedOf(first.id))?.revocation?.problem).toMatch(/ask the certificate authority/);
    await t.database.admin.query.update(issuedCertificates).set({ directoryUrl: t.ca.directoryUrl });
    t.later(86_400_000);
    await t.run();
    expect(t.ca.revoked).toMatchObject([{ serial: first.serial, reason: 4 }]);
  });

  test("is for nobody but who repairs, and for no stranger", async () => {
    await t.ask();
    await t.issued();
    const wanted = { issuedId: (await inForce()).id, reason: "superseded" as const };
    await expect(revokeCertificate(t.as("auditor"), wanted)).rejects.toMatchObject({ kind: "forbidden" });
    await expect(revokeCertificate(await t.makeStranger(), wanted)).rejects.toMatchObject({
      kind: "not-found",
    });
  });

  test("can be asked for of a certificate that was issued before any was kept", async () => {
    await t.ask();
    await t.issued();
    await t.database.admin.query.delete(issuedCertificates);
    t.later(3_600_000);
    await t.run();
    await revokeCertificate(t.owner, {
      issuedId: (await inForce()).id,
      reason: "superseded",
      isAtOnce: true,
    });
    await t.run();
    expect(t.ca.revoked).toHaveLength(1);
  });

  test("is still possible once the domain was removed, for an admin, until the certificate ends", async () => {
    await t.askForDomain();
    await t.issued();
    const { id: issuedId, serial } = await inForce();
    expect(await listRemovedCertificates(t.owner)).toEqual([]);
    await removeDomain(t.owner, { domainId: t.domainId });
    expect(await listCertificates(t.owner, {})).toEqual([]);
    const [removed] = await listRemovedCertificates(t.owner);
    expect(removed).toMatchObject({
      id: issuedId,
      title: "alpha.example",
      names: ["imap.alpha.example"],
      serverName: "mail1",
      tenantName: expect.any(String),
      revocation: null,
    });
    const wanted = { issuedId, reason: "cessation-of-operation" as const };
    await expect(revokeCertificate(t.as("technician"), wanted)).rejects.toMatchObject({ kind: "forbidden" });
    await expect(listRemovedCertificates(t.as("technician"))).rejects.toMatchObject({ kind: "forbidden" });
    expect(await listRemovedCertificates(await t.makeStranger())).toEqual([]);
    await revokeCertificate(t.as("admin"), wanted);
    await t.run();
    expect(t.ca.revoked).toEqual([{ serial, reason: 5 }]);
    expect((await listRemovedCertificates(t.owner))[0]?.revocation?.revokedAt).toBeInstanceOf(Date);
    const [told] = (await listAudit(t.owner, {})).entries;
    expect(told).toMatchObject({ action: "certificate-revoked", subjectName: "alpha.example" });
    t.later(91 * 86_400_000);
    expect(await listRemovedCertificates(t.owner)).toEqual([]);
  });

  test("that waited for another certificate goes on once the server was removed", async () => {
    await t.ask();
    await t.issued();
    const first = await inForce();
    await revokeCertificate(t.owner, { issuedId: first.id, reason: "key-compromise" });
    await t.run();
    expect(t.ca.revoked).toEqual([]);
    await removeDomain(t.owner, { domainId: t.domainId });
    await removeServer(t.owner, { serverId: t.serverId });
    t.host.isOnline = false;
    t.later(61_000);
    await t.run();
    expect(t.ca.revoked).toEqual([{ serial: first.serial, reason: 1 }]);
    await removeTenant(t.owner, { tenantId: t.tenantId });
    expect(await listRemovedCertificates(t.owner)).toMatchObject([
      { title: "mail1.msp.example", serverName: "mail1", tenantName: null },
    ]);
  });
});
