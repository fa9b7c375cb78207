import { issuedCertificates } from "@mailstead/db";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { listAudit } from "../audit/index.ts";
import { withTransaction } from "../context/index.ts";
import { type CertificateTest, openCertificateTest } from "./certificate-world.testing.ts";
import { changeCertificateKey, readTlsKeyDigests, revokeCertificate } from "./index.ts";

let t: CertificateTest;
beforeEach(async () => {
  t = await openCertificateTest();
});
afterEach(() => t.close());

describe("a change of the key", () => {
  const tlsa = (digest: string) => `_25._tcp.mail1.msp.example TLSA 3 1 1 ${digest}`;
  const digests = () => withTransaction(t.owner, (tx) => readTlsKeyDigests(tx, t.serverId));

  test("puts the new key's record beside the old one, waits out every cache, and only then installs", async () => {
    await t.ask();
    const { id } = await t.issued();
    const [old = ""] = await digests();
    t.dns.publish(tlsa(old));
    await changeCertificateKey(t.owner, { certificateId: id });
    await t.host.report();
    await t.run();
    const [, next = ""] = await digests();
    expect(next).toMatch(/^[0-9a-f]{64}$/);
    // The domain of the server's name is not hosted here, so a person publishes.
    expect((await t.view()).toPaste).toEqual(
      expect.arrayContaining([{ name: "_25._tcp.mail1.msp.example", type: "TLSA", value: `3 1 1 ${next}` }]),
    );
    t.dns.publish(tlsa(next));
    t.later(70_000);
    await t.run();
    expect((await t.target()).certificates[0]?.next).not.toBeNull();
    expect(t.ca.orders).toHaveLength(1);
    const view = await t.runUntil(({ isChangingKey }) => !isChangingKey);
    expect(view.isInstalled || (await t.view()).isInstalled).toBe(true);
    expect(t.ca.orders).toHaveLength(2);
    expect((await digests())[0]).toBe(next);
  });

  test("goes on at once where no TLSA record stands", async () => {
    await t.ask();
    const { id } = await t.issued();
    const [old] = await digests();
    await changeCertificateKey(t.owner, { certificateId: id });
    await expect(changeCertificateKey(t.owner, { certificateId: id })).rejects.toMatchObject({
      kind: "conflict",
    });
    await t.runUntil(({ isChangingKey }) => !isChangingKey);
    expect((await digests())[0]).not.toBe(old);
  });
});

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

  test("of an earlier certificate whose key has leaked changes the key in force, which is the same", async () => {
    await t.ask();
    await t.issued();
    const first = await inForce();
    await t.ask();
    await t.runUntil(({ isRequested }) => !isRequested);
    expect((await inForce()).id).not.toBe(first.id);
    await revokeCertificate(t.owner, { issuedId: first.id, reason: "key-compromise" });
    expect((await t.view()).isChangingKey).toBe(true);
    t.later(61_000);
    await t.run();
    expect(t.ca.revoked).toEqual([{ serial: first.serial, reason: 1 }]);
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
});
