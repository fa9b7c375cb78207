import { acmeAccounts, acmeOrders, certificates } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { listAudit } from "../audit/index.ts";
import { withTransaction } from "../context/index.ts";
import { removeDomain } from "../domains/index.ts";
import { changeHostname, getTargetState, installServer } from "../servers/index.ts";
import { makeTestOpener } from "../testing/test-opener.ts";
import { type CertificateTest, openCertificateTest } from "./certificate-world.testing.ts";
import {
  changeCertificateKey,
  listCertificateFindings,
  listCertificates,
  readCertificateAuthority,
  readTlsKeyDigests,
  requestCertificate,
} from "./index.ts";

const dayMs = 86_400_000;
let t: CertificateTest;
beforeEach(async () => {
  t = await openCertificateTest();
});
afterEach(() => t.close());

const target = async () => (await getTargetState(t.owner, { serverId: t.serverId })).state;
const ask = (input: Partial<Parameters<typeof requestCertificate>[1]> = {}) =>
  requestCertificate(t.owner, { serverId: t.serverId, ...input });
const askForDomain = (input: Partial<Parameters<typeof requestCertificate>[1]> = {}) =>
  ask({ domainId: t.domainId, ...input });
const issued = () => t.runUntil((view) => view.notAfter !== null);

describe("a certificate for the server's name", () => {
  test("is asked for with the host's own request and arrives in its target state", async () => {
    await ask();
    const view = await issued();
    expect(view).toMatchObject({
      names: ["mail1.msp.example"],
      issuer: "Test CA, Test R1",
      problem: null,
      concern: null,
    });
    const [certificate] = (await target()).certificates;
    expect(certificate).toMatchObject({ id: view.id, names: ["mail1.msp.example"], next: null });
    expect(certificate?.issued?.chain).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect((await t.view()).isInstalled).toBe(true);
    expect(await withTransaction(t.owner, (tx) => readCertificateAuthority(tx, t.serverId))).toEqual({
      issuer: "ca.example",
      accountUrl: expect.stringMatching(/^https?:.*\/account\//),
    });
    expect(JSON.stringify(await target())).not.toContain("PRIVATE");
    const actions = (await listAudit(t.owner, {})).entries.map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(["request-certificate", "issue-certificate"]));
  });

  test("is renewed with a third of its life left, with the same key, and says what it replaces", async () => {
    await ask();
    const first = await issued();
    const keyId = (await target()).certificates[0]?.keyId;
    expect(first.renewAt?.getTime()).toBeLessThan(t.clock.now.getTime() + 61 * dayMs);
    t.ca.window = {
      start: new Date(t.clock.now.getTime() + 9 * dayMs),
      end: new Date(t.clock.now.getTime() + 10 * dayMs),
    };
    t.later(7 * 3_600_000);
    await t.run();
    const asked = await t.view();
    expect(asked.renewAt?.getTime()).toBeGreaterThanOrEqual(t.ca.window.start.getTime());
    expect(asked.renewAt?.getTime()).toBeLessThanOrEqual(t.ca.window.end.getTime());
    expect(t.ca.orders).toHaveLength(1);
    const before = (await target()).certificates[0]?.issued?.version;
    t.later(11 * dayMs);
    await t.run();
    expect(t.ca.orders).toHaveLength(2);
    expect(t.ca.orders[1]?.replaces).toMatch(/^[\w-]+\.[\w-]+$/);
    const [renewed] = (await target()).certificates;
    expect(renewed?.keyId).toBe(keyId);
    expect(renewed?.issued?.version).not.toBe(before);
  });

  test("is not asked for while its name leads elsewhere or nothing of ours answers there", async () => {
    await ask();
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
    await issued();
    expect(await listCertificateFindings(t.owner)).toEqual([]);
  });

  test("waits for as long as a CA that is rate limited says, and says so", async () => {
    await ask();
    t.ca.failNext("/new-order", {
      status: 429,
      code: "rateLimited",
      detail: "too many certificates",
      retryAfter: "7200",
    });
    const view = await t.runUntil(({ problem }) => problem?.sentence.includes("too many") ?? false);
    expect(view.problem).toMatchObject({
      kind: "temporary",
      sentence: expect.stringContaining("asks us to wait"),
    });
    expect(view.nextAttemptAt.getTime()).toBe(t.clock.now.getTime() + 7_200_000);
    const asked = t.ca.asked.length;
    t.later(7_100_000);
    await t.run();
    expect(t.ca.asked).toHaveLength(asked);
    t.later(200_000);
    await issued();
  });

  test.each([
    [
      "down",
      { status: 503, code: "", detail: "" },
      /cannot be reached: .*answered with status 503/,
      "temporary",
    ],
    [
      "in trouble",
      { status: 500, code: "serverInternal", detail: "db" },
      /has trouble of its own/,
      "temporary",
    ],
    [
      "without nonces that it takes",
      { status: 400, code: "badNonce", detail: "anti-replay" },
      /wrong clock or a broken cluster/,
      "temporary",
    ],
    [
      "not allowed by CAA",
      { status: 403, code: "caa", detail: "CAA forbids issuance" },
      /a CAA record of the domain names other authorities/,
      "permanent",
    ],
  ])("says what is wrong with a CA that is %s, and goes on later", async (_how, fault, sentence, kind) => {
    await ask();
    t.ca.failNext("/new-order", { ...fault, times: 20 });
    const { problem } = await t.runUntil((view) => sentence.test(view.problem?.sentence ?? ""));
    expect(problem?.kind).toBe(kind);
    t.ca.faults = [];
    t.later(2 * dayMs);
    await issued();
  });

  test("never reaches a host when it is for another key", async () => {
    await ask();
    await t.runUntil(() => true);
    t.ca.otherRequest = t.host.requestOf((await target()).certificates[0]?.keyId ?? "");
    await ask({ domainId: t.domainId });
    for (let turn = 0; turn < 3; turn += 1) {
      await t.run();
      t.later(16_000);
    }
    const [view] = await listCertificates(t.owner, { domainId: t.domainId });
    expect(view?.notAfter).toBeNull();
    expect(view?.problem?.sentence).toMatch(
      /gave a certificate that is not installed: it is for another key/,
    );
  });

  test("survives a worker that dies at each moment between order and chain, with one order", async () => {
    await ask();
    await t.runUntil(({ problem }) => problem !== null);
    for (const path of ["/order/", "/authorization/", "/challenge/", "/finalize/", "/chain/"]) {
      t.ca.failNext(path, { status: 500, code: "", detail: "" });
      for (let turn = 0; turn < 5 && t.ca.faults.some(({ times }) => times > 0); turn += 1) {
        await t.dueNow();
        await t.run();
      }
      expect(t.ca.faults.every(({ times }) => times === 0)).toBe(true);
    }
    t.later(dayMs);
    await issued();
    expect(t.ca.orders).toHaveLength(1);
    const rows = await t.database.admin.query.select().from(acmeOrders);
    expect(rows.map(({ outcome }) => outcome)).toEqual(["issued"]);
  });

  test("is asked for anew when the CA has let go of an order that waited for a person", async () => {
    t.provider.answer = "by-hand";
    await askForDomain({ challenge: "dns-01", isWildcard: true });
    await t.runUntil((view) => view.toPaste.length > 0);
    t.ca.forgetOrders();
    t.later(8 * dayMs);
    const { problem } = await t.runUntil((view) => view.problem?.sentence.includes("no such order") ?? false);
    expect(problem?.kind).toBe("temporary");
    t.provider.answer = "published";
    t.later(dayMs);
    await issued();
    expect(t.ca.orders).toHaveLength(2);
  });

  test("is asked for anew under the new name when the server is renamed", async () => {
    await ask();
    await issued();
    t.dns.publish("mx.msp.example A 127.0.0.9");
    await changeHostname(t.owner, { serverId: t.serverId, hostname: "mx.msp.example" });
    t.later(2 * 3_600_000);
    const view = await t.runUntil(({ names }) => names.includes("mx.msp.example"));
    expect(view.names).toEqual(["mx.msp.example"]);
  });

  test("is forgotten and asked for anew when another machine takes the server's place", async () => {
    await ask();
    await issued();
    await t.host.replace();
    await installServer(t.owner, { serverId: t.serverId });
    expect((await target()).certificates[0]?.issued).toBeNull();
    await t.host.report();
    await issued();
    expect(t.ca.orders).toHaveLength(2);
  });

  test("is one more account when the CA has forgotten ours", async () => {
    await ask();
    await issued();
    t.ca.forgetAccounts();
    await ask();
    await t.runUntil(({ problem }) => problem?.sentence.includes("does not know our account") ?? false);
    t.later(dayMs);
    await t.runUntil(({ problem, isRequested }) => problem === null && !isRequested);
    expect(t.ca.accounts).toBe(2);
  });

  test("is for nobody before the operator has agreed to the terms, and the account's key rests sealed for the worker alone", async () => {
    await ask();
    await t.run({ settings: { ...t.settings, areTermsAgreed: false } });
    expect((await t.view()).problem?.sentence).toContain("set ACME_TERMS_AGREED=yes");
    expect(t.ca.asked).toEqual([]);
    t.later(20 * 60_000);
    await issued();
    const [account] = await t.database.admin.query.select().from(acmeAccounts);
    expect(account?.keyBox).toMatch(/^[A-Za-z0-9+/=]+$/);
    expect(Buffer.from(account?.keyBox ?? "", "base64").toString("latin1")).not.toContain("PRIVATE");
  });

  test("is asked for by another account once the worker cannot open the key of the one before", async () => {
    await ask();
    await issued();
    const opener = makeTestOpener();
    await ask();
    await t.run({ opener });
    await t.run({ opener });
    expect(t.ca.accounts).toBe(2);
    const accounts = await t.database.admin.query.select().from(acmeAccounts);
    expect(
      accounts.map(({ keyBox, directoryUrl }) => opener.open(`acme-account\n${directoryUrl}`, keyBox)),
    ).toHaveLength(1);
  });

  test("is worked on by one of two workers", async () => {
    await ask();
    await t.host.report();
    await Promise.all([t.run(), t.run()]);
    await issued();
    expect(t.ca.orders).toHaveLength(1);
  });

  test("raises an alarm 14 and 7 days before it ends", async () => {
    await ask();
    const { notAfter } = await issued();
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
});

describe("a certificate for a mail domain", () => {
  test("holds the names that lead to the host, and another one when more do", async () => {
    await askForDomain();
    expect((await issued()).names).toEqual(["imap.alpha.example"]);
    t.dns.publish("mta-sts.alpha.example A 127.0.0.9", "autoconfig.alpha.example A 192.0.2.9");
    t.later(1000);
    await askForDomain();
    const view = await t.runUntil(({ names }) => names.length === 2);
    expect(view.names).toEqual(["imap.alpha.example", "mta-sts.alpha.example"]);
    expect(t.ca.orders.map(({ names }) => names.length)).toEqual([1, 2]);
  });

  test("is proven in the DNS, also as a wildcard, and nothing stays there", async () => {
    await askForDomain({ challenge: "dns-01", isWildcard: true });
    expect((await issued()).names).toEqual(["*.alpha.example"]);
    expect(t.provider.writes).toHaveLength(1);
    expect(t.provider.writes[0]).toMatch(/^_acme-challenge\.alpha\.example TXT /);
    expect(t.dns.lines().filter((line) => line.includes("_acme-challenge"))).toEqual([]);
    expect(t.ca.asked.filter((line) => line.includes("http-01"))).toEqual([]);
  });

  test("is proven where the challenge is delegated to", async () => {
    t.dns.publish("_acme-challenge.alpha.example CNAME alpha.acme.example");
    await askForDomain({ challenge: "dns-01", isWildcard: true });
    await issued();
    expect(t.provider.writes[0]).toMatch(/^alpha\.acme\.example TXT /);
  });

  test("waits until every name server shows the proof", async () => {
    await askForDomain({ challenge: "dns-01", isWildcard: true });
    await t.runUntil(({ problem }) => problem !== null);
    t.later(16_000);
    const { publish } = t.dns;
    t.dns.publish = (...lines) => {
      for (const line of lines) t.dns.late.add(line);
      publish(...lines);
    };
    await t.run();
    expect((await t.view()).problem?.sentence).toMatch(
      /Not all name servers show _acme-challenge\.alpha\.example yet/,
    );
    expect(t.ca.asked.filter((line) => line.includes("/challenge/"))).toEqual([]);
    t.dns.late.clear();
    t.dns.spread();
    await issued();
    expect(t.ca.orders).toHaveLength(1);
  });

  test("says exactly what to paste where no provider is connected, and goes on once it is seen", async () => {
    t.provider.answer = "by-hand";
    await askForDomain({ challenge: "dns-01", isWildcard: true });
    const { toPaste, problem } = await t.runUntil((view) => view.toPaste.length > 0);
    expect(problem?.sentence).toMatch(/publish the TXT record _acme-challenge\.alpha\.example by hand/);
    expect(toPaste).toEqual([
      { name: "_acme-challenge.alpha.example", type: "TXT", value: expect.any(String) },
    ]);
    t.dns.publish(`${toPaste[0]?.name} TXT ${toPaste[0]?.value}`);
    t.later(3 * 60_000);
    const view = await issued();
    expect(view.toPaste).toEqual([]);
    expect(t.ca.orders).toHaveLength(1);
  });

  test.each(["refused", "failed"] as const)(
    "says why the provider %s, and leaves nothing half done",
    async (answer) => {
      t.provider.answer = answer;
      await askForDomain({ challenge: "dns-01", isWildcard: true });
      const { problem } = await t.runUntil((view) => view.problem?.sentence.includes("token") ?? false);
      expect(problem).toMatchObject({
        kind: answer === "refused" ? "permanent" : "temporary",
        sentence: expect.stringMatching(
          /The DNS provider did not take _acme-challenge\.alpha\.example: the token has no rights\./,
        ),
      });
      t.provider.answer = "published";
      t.later(dayMs);
      await issued();
      expect(t.dns.lines().filter((line) => line.includes("_acme-challenge"))).toEqual([]);
    },
  );

  test("tells in plain words what the CA found at a name that it refuses", async () => {
    await askForDomain();
    t.ca.prove = async () => ({
      code: "unauthorized",
      detail: "Invalid response from http://imap.alpha.example: 404",
    });
    const { problem } = await t.runUntil((view) => view.problem?.sentence.includes("no proof") ?? false);
    expect(problem).toMatchObject({
      kind: "permanent",
      sentence:
        "imap.alpha.example: the certificate authority found no proof that the name is ours. It says: Invalid response from http://imap.alpha.example: 404.",
    });
    const count = t.ca.orders.length;
    t.later(dayMs / 2);
    await t.run();
    expect(t.ca.orders).toHaveLength(count);
  });

  test("goes with its domain", async () => {
    await askForDomain();
    await issued();
    await removeDomain(t.owner, { domainId: t.domainId });
    expect((await target()).certificates).toEqual([]);
    expect(await t.database.admin.query.select().from(certificates)).toEqual([]);
  });
});

describe("a change of the key", () => {
  const tlsa = (digest: string) => `_25._tcp.mail1.msp.example TLSA 3 1 1 ${digest}`;
  const digests = () => withTransaction(t.owner, (tx) => readTlsKeyDigests(tx, t.serverId));

  test("puts the new key's record beside the old one, waits out every cache, and only then installs", async () => {
    await ask();
    const { id } = await issued();
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
    expect((await target()).certificates[0]?.next).not.toBeNull();
    expect(t.ca.orders).toHaveLength(1);
    const view = await t.runUntil(({ isChangingKey }) => !isChangingKey);
    expect(view.isInstalled || (await t.view()).isInstalled).toBe(true);
    expect(t.ca.orders).toHaveLength(2);
    expect((await digests())[0]).toBe(next);
  });

  test("goes on at once where no TLSA record stands", async () => {
    await ask();
    const { id } = await issued();
    const [old] = await digests();
    await changeCertificateKey(t.owner, { certificateId: id });
    await expect(changeCertificateKey(t.owner, { certificateId: id })).rejects.toMatchObject({
      kind: "conflict",
    });
    await t.runUntil(({ isChangingKey }) => !isChangingKey);
    expect((await digests())[0]).not.toBe(old);
  });
});

test("an auditor asks for nothing, and a stranger sees nothing", async () => {
  await expect(requestCertificate(t.as("auditor"), { serverId: t.serverId })).rejects.toMatchObject({
    kind: "forbidden",
  });
  await ask();
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
