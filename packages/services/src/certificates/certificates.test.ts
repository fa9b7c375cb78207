import { certificates } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { listAudit } from "../audit/index.ts";
import { withTransaction } from "../context/index.ts";
import { changeHostname, installServer } from "../servers/index.ts";
import { type CertificateTest, openCertificateTest } from "./certificate-world.testing.ts";
import {
  changeCertificateKey,
  listCertificateFindings,
  listCertificates,
  readCertificateAuthority,
  requestCertificate,
} from "./index.ts";

const dayMs = 86_400_000;
let t: CertificateTest;
beforeEach(async () => {
  t = await openCertificateTest();
});
afterEach(() => t.close());

describe("a certificate for the server's name", () => {
  test("is asked for with the host's own request and arrives in its target state", async () => {
    await t.ask();
    const view = await t.issued();
    expect(view).toMatchObject({
      names: ["mail1.msp.example"],
      issuer: "Test CA, Test R1",
      problem: null,
      concern: null,
    });
    const [certificate] = (await t.target()).certificates;
    expect(certificate).toMatchObject({ id: view.id, names: ["mail1.msp.example"], next: null });
    expect(certificate?.issued?.chain).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect((await t.view()).isInstalled).toBe(true);
    expect(await withTransaction(t.owner, (tx) => readCertificateAuthority(tx, t.serverId))).toEqual({
      issuer: "ca.example",
      accountUrl: expect.stringMatching(/^https?:.*\/account\//),
    });
    expect(JSON.stringify(await t.target())).not.toContain("PRIVATE");
    const actions = (await listAudit(t.owner, {})).entries.map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(["request-certificate", "issue-certificate"]));
  });

  test("is renewed with a third of its life left, with the same key, and says what it replaces", async () => {
    await t.ask();
    const first = await t.issued();
    const keyId = (await t.target()).certificates[0]?.keyId;
    expect(first.renewAt?.getTime()).toBeLessThan(t.clock.now.getTime() + 61 * dayMs);
    const start = t.clock.now.getTime() + 9 * dayMs;
    const end = start + dayMs;
    t.ca.window = { start: new Date(start), end: new Date(end) };
    t.later(7 * 3_600_000);
    await t.runUntil(
      ({ renewAt }) => renewAt !== null && renewAt.getTime() >= start && renewAt.getTime() <= end,
    );
    expect(t.ca.orders).toHaveLength(1);
    const before = (await t.target()).certificates[0]?.issued?.version;
    t.later(11 * dayMs);
    await t.runUntil(({ notAfter }) => notAfter?.getTime() !== first.notAfter?.getTime());
    expect(t.ca.orders).toHaveLength(2);
    expect(t.ca.orders[1]?.replaces).toMatch(/^[\w-]+\.[\w-]+$/);
    const [renewed] = (await t.target()).certificates;
    expect(renewed?.keyId).toBe(keyId);
    expect(renewed?.issued?.version).not.toBe(before);
  });

  test("is renewed without saying what it replaces when the CA has seen that replaced already", async () => {
    await t.ask();
    await t.issued();
    t.ca.window = { start: t.clock.now, end: new Date(t.clock.now.getTime() + 1000) };
    t.later(7 * 3_600_000);
    t.ca.failNext("/new-order", { status: 409, code: "alreadyReplaced", detail: "it has been replaced" });
    await t.run();
    await t.runUntil(() => t.ca.orders.length > 1);
    expect(t.ca.orders[1]?.replaces).toBeUndefined();
    expect((await t.view()).problem).toBeNull();
  });

  test("is not asked for while its name leads elsewhere or nothing of ours answers there", async () => {
    await t.ask();
    t.dns.withdraw("mail1.msp.example A 127.0.0.9");
    t.dns.publish("mail1.msp.example A 192.0.2.77");
    await t.run();
    expect((await t.view()).problem).toMatchObject({
      kind: "permanent",
      sentence:
        "mail1.msp.example leads to 192.0.2.77, and this server is at 127.0.0.9; all of its address records must lead there.",
    });
    t.dns.withdraw("mail1.msp.example A 192.0.2.77");
    t.dns.publish("mail1.msp.example A 127.0.0.9");
    t.host.answers = false;
    t.later(20 * 60_000);
    await t.run();
    t.later(20 * 60_000);
    await t.run();
    expect((await t.view()).problem?.sentence).toMatch(
      /would find no proof at http:\/\/mail1\.msp\.example .*answers with status 404\. Open port 80/,
    );
    expect(t.ca.orders).toEqual([]);
    expect((await listCertificateFindings(t.owner))[0]?.concern.code).toBe("order-failing");
    t.host.answers = true;
    t.later(20 * 60_000);
    await t.issued();
    expect(await listCertificateFindings(t.owner)).toEqual([]);
  });

  test("is asked for anew under the new name when the server is renamed", async () => {
    await t.ask();
    await t.issued();
    t.dns.publish("mx.msp.example A 127.0.0.9");
    await changeHostname(t.owner, { serverId: t.serverId, hostname: "mx.msp.example" });
    t.later(2 * 3_600_000);
    const view = await t.runUntil(({ names }) => names.includes("mx.msp.example"));
    expect(view.names).toEqual(["mx.msp.example"]);
  });

  test("is forgotten and asked for anew when another machine takes the server's place", async () => {
    await t.ask();
    await t.issued();
    await t.host.replace();
    await installServer(t.owner, { serverId: t.serverId });
    expect((await t.target()).certificates[0]?.issued).toBeNull();
    await t.host.report();
    await t.issued();
    expect(t.ca.orders).toHaveLength(2);
  });

  test("is ordered anew when another machine takes the server's place while an order is under way", async () => {
    await t.ask();
    t.ca.failNext("/finalize/", { status: 500, code: "", detail: "" });
    await t.runUntil(({ problem }) => problem?.sentence.includes("cannot be reached") ?? false);
    await t.host.replace();
    await installServer(t.owner, { serverId: t.serverId });
    t.host.isOnline = false;
    const handedIn = () => t.ca.asked.filter((asked) => asked.includes("/finalize/")).length;
    const before = handedIn();
    await t.dueNow();
    await t.run();
    expect(handedIn()).toBe(before);
    t.host.isOnline = true;
    await t.host.report();
    await t.issued();
    expect(t.ca.orders).toHaveLength(2);
  });

  test("is worked on by one of two workers", async () => {
    await t.ask();
    await t.host.report();
    await Promise.all([t.run(), t.run()]);
    await t.issued();
    expect(t.ca.orders).toHaveLength(1);
  });
});

test("an auditor asks for nothing, and a stranger sees nothing", async () => {
  await expect(requestCertificate(t.as("auditor"), { serverId: t.serverId })).rejects.toMatchObject({
    kind: "forbidden",
  });
  await t.ask();
  const stranger = await t.makeStranger();
  expect(await listCertificates(stranger, {})).toEqual([]);
  await expect(requestCertificate(stranger, { serverId: t.serverId })).rejects.toMatchObject({
    kind: "not-found",
  });
  const [row] = await t.database.admin.query
    .select()
    .from(certificates)
    .where(eq(certificates.serverId, t.serverId));
  await expect(changeCertificateKey(stranger, { certificateId: row?.id ?? "" })).rejects.toMatchObject({
    kind: "not-found",
  });
});
