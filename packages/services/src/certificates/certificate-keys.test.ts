import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { withTransaction } from "../context/index.ts";
import { type CertificateTest, openCertificateTest } from "./certificate-world.testing.ts";
import { changeCertificateKey, readTlsKeyDigests } from "./index.ts";

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
