import { acmeAccounts, acmeSettings } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { listAudit } from "../audit/index.ts";
import { makeTestOpener } from "../testing/test-opener.ts";
import { type CertificateTest, openCertificateTest } from "./certificate-world.testing.ts";
import { acceptTerms, changeAuthority, getAuthority, listCertificateFindings, wantedTerms } from "./index.ts";

const dayMs = 86_400_000;
let t: CertificateTest;
beforeEach(async () => {
  t = await openCertificateTest();
});
afterEach(() => t.close());

test("one more account is opened when the CA has forgotten ours", async () => {
  await t.ask();
  await t.issued();
  t.ca.forgetAccounts();
  await t.ask();
  await t.runUntil(({ problem }) => problem?.sentence.includes("does not know our account") ?? false);
  t.later(dayMs);
  await t.runUntil(({ problem, isRequested }) => problem === null && !isRequested);
  expect(t.ca.accounts).toBe(2);
});

test("nothing is asked for before the owner has accepted the terms, which is said once; then it goes on at once", async () => {
  const unaccepted = { ...t.settings, areTermsAgreed: false };
  await t.ask();
  await t.run({ settings: unaccepted });
  expect((await t.view()).problem?.sentence).toMatch(
    /The terms of the certificate authority .* are not accepted yet\. The owner .* Settings, Certificate authority\./,
  );
  expect(new Set(t.ca.asked)).toEqual(new Set(["GET /directory"]));
  expect(await wantedTerms(t.owner)).toMatchObject({ standing: "open" });
  expect(await listCertificateFindings(t.owner)).toEqual([]);
  const { directoryUrl, termsUrl } = await getAuthority(t.owner);
  const shown = { directoryUrl, termsUrl };
  await expect(acceptTerms(t.as("admin"), shown)).rejects.toMatchObject({ kind: "forbidden" });
  for (const other of [{ directoryUrl: "https://other.example/" }, { termsUrl: null }])
    await expect(acceptTerms(t.owner, { ...shown, ...other })).rejects.toMatchObject({ kind: "conflict" });
  await acceptTerms(t.owner, shown);
  expect(await wantedTerms(t.owner)).toBeNull();
  for (const reader of [t.owner, { ...t.owner, tenantId: t.tenantId }])
    expect(await getAuthority(reader)).toMatchObject({
      terms: "accepted",
      termsAgreedBy: t.owner.actor.name,
      termsAgreedUrl: termsUrl,
    });
  // From now on the environment has no say.
  t.settings.areTermsAgreed = false;
  await t.issued();
  const [entry] = (await listAudit(t.owner, {})).entries.filter(
    ({ action }) => action === "accept-certificate-terms",
  );
  expect(entry?.after).toEqual({ directoryUrl, termsUrl });
});

test("terms that the authority replaces are said and asked for again, and certificates go on meanwhile", async () => {
  await t.run();
  const read = await getAuthority(t.owner);
  // What the environment accepted before any were read counts as those of the first reading.
  expect(read).toMatchObject({ termsUrl: t.ca.termsUrl, termsAgreedUrl: t.ca.termsUrl, terms: "accepted" });
  t.ca.termsUrl = "https://ca.example/terms-2";
  t.later(dayMs);
  await t.run();
  expect((await getAuthority(t.owner)).terms).toBe("accepted");
  t.later(dayMs);
  await t.run();
  expect(await getAuthority(t.owner)).toMatchObject({ terms: "changed", termsUrl: t.ca.termsUrl });
  expect(await wantedTerms(t.owner)).toMatchObject({ standing: "changed" });
  await t.ask();
  await t.issued();
  await acceptTerms(t.owner, { directoryUrl: read.directoryUrl, termsUrl: t.ca.termsUrl });
  expect(await getAuthority(t.owner)).toMatchObject({ terms: "accepted", termsAgreedUrl: t.ca.termsUrl });
});

test("a directory that cannot be read is said and read again, and what is no web address never becomes a link", async () => {
  t.ca.failNext("/directory", { status: 503, code: "", detail: "" });
  await t.run();
  expect(await getAuthority(t.owner)).toMatchObject({
    termsUrl: null,
    directoryReadAt: null,
    directoryProblem: expect.stringMatching(/cannot be reached: .*answered with status 503/),
  });
  t.ca.termsUrl = "javascript:alert(1)";
  t.later(120_000);
  await t.run();
  expect(await getAuthority(t.owner)).toMatchObject({ termsUrl: null, directoryProblem: null });
  t.ca.termsUrl = "https://ca.example/terms-3";
  // Whoever chooses, also the same again, has it read at once.
  await changeAuthority(t.owner, { directoryUrl: t.ca.directoryUrl });
  await t.run();
  expect((await getAuthority(t.owner)).termsUrl).toBe(t.ca.termsUrl);
});

test.each([
  ["a directory", () => t.ca.failNext("/directory", { status: 503, code: "caa", detail: "odd\0words" })],
  ["an address of terms", () => Object.assign(t.ca, { termsUrl: "https://ca.example/\0" })],
])("%s that holds what no database stores stops nobody's certificates", async (_what, say) => {
  say();
  await t.run();
  expect((await getAuthority(t.owner)).termsUrl).toBeNull();
  await t.ask();
  await t.issued();
});

test("an authority that cannot be asked at all keeps no other organisation from its certificates", async () => {
  const stranger = await t.makeStranger();
  await t.run();
  await t.database.admin.query
    .update(acmeSettings)
    .set({ directoryUrl: "nowhere", changedAt: t.clock.now, nextDirectoryLookAt: null })
    .where(eq(acmeSettings.organisationId, stranger.organisationId));
  await expect(t.run()).rejects.toThrow("Invalid URL");
  await t.ask();
  await runUntilIssued();
});

/** Runs as a worker does, which goes on when a part of a run fails. */
async function runUntilIssued(): Promise<void> {
  for (let turn = 0; turn < 20 && (await t.view()).notAfter === null; turn += 1) {
    await t.run().catch(() => undefined);
    await t.host.report();
    t.later(16_000);
  }
  expect((await t.view()).notAfter).not.toBeNull();
}

test("what an authority says is kept in words of a length that a person reads", async () => {
  await t.ask();
  t.ca.failNext("/new-order", { status: 400, code: "malformed", detail: "very ".repeat(100_000), times: 9 });
  const { problem } = await t.runUntil((view) => view.problem?.sentence.includes("very") ?? false);
  expect(problem?.sentence.length).toBeLessThan(2_000);
});

test("the account's key rests sealed for the worker alone", async () => {
  await t.ask();
  await t.issued();
  const [account] = await t.database.admin.query.select().from(acmeAccounts);
  expect(account?.organisationId).toBe(t.owner.organisationId);
  expect(account?.keyBox).toMatch(/^[A-Za-z0-9+/=]+$/);
  expect(Buffer.from(account?.keyBox ?? "", "base64").toString("latin1")).not.toContain("PRIVATE");
});

test("another account is opened once the worker cannot open the key of the one before", async () => {
  await t.ask();
  await t.issued();
  const opener = makeTestOpener();
  await t.ask();
  await t.run({ opener });
  await t.run({ opener });
  expect(t.ca.accounts).toBe(2);
  const accounts = await t.database.admin.query.select().from(acmeAccounts);
  expect(
    accounts.map(({ keyBox, directoryUrl }) => opener.open(`acme-account\n${directoryUrl}`, keyBox)),
  ).toHaveLength(1);
});

test("another authority has other terms, and its account gets the new contact", async () => {
  await t.ask();
  await t.issued();
  expect(t.ca.contact).toEqual(["mailto:ops@msp.example"]);
  const { directoryUrl } = await getAuthority(t.owner);
  await changeAuthority(t.owner, { directoryUrl, contact: "tls@msp.example" });
  expect((await getAuthority(t.owner)).termsAgreedAt).not.toBeNull();
  await t.ask();
  await t.runUntil(({ isRequested }) => !isRequested);
  expect(t.ca.contact).toEqual(["mailto:tls@msp.example"]);
  await changeAuthority(t.owner, { directoryUrl: "https://ca.msp.example/acme/directory" });
  expect(await getAuthority(t.owner)).toMatchObject({
    name: "ca.msp.example",
    termsUrl: null,
    termsAgreedAt: null,
    termsAgreedUrl: null,
    terms: "open",
    contact: "",
  });
});

test("an authority that takes only people whom it knows gets their external account, whose key nobody reads", async () => {
  const key = Buffer.from("a secret of the authority").toString("base64url");
  const { directoryUrl } = t.settings;
  t.ca.externalAccounts = new Map([["kid-1", key]]);
  await t.ask();
  await t.runUntil(({ problem }) => problem?.sentence.includes("external account binding") ?? false);
  const bind = (bound: { keyId: string; key?: string }) =>
    changeAuthority(t.owner, { directoryUrl, externalAccount: bound });
  await expect(bind({ keyId: "kid-1" })).rejects.toMatchObject({
    kind: "invalid",
    field: "externalAccount.key",
  });
  await bind({ keyId: "kid-1", key: Buffer.from("not that secret").toString("base64url") });
  const { problem } = await t.runUntil((view) => view.problem?.sentence.includes("kid-1") ?? false);
  expect(problem).toMatchObject({
    kind: "permanent",
    sentence: expect.stringMatching(
      /does not accept the external account binding kid-1; enter its key id and key/,
    ),
  });
  await bind({ keyId: "kid-1", key });
  // Saved again without the key, the one that is stored stays.
  await bind({ keyId: "kid-1" });
  await t.issued();
  const [row] = await t.database.admin.query.select().from(acmeSettings);
  expect(Buffer.from(row?.eabBox ?? "", "base64").toString("latin1")).not.toContain(key);
  expect(JSON.stringify([await getAuthority(t.owner), await listAudit(t.owner, {})])).not.toContain(key);
  await expect(
    t.database.app.query.select({ box: acmeSettings.eabBox }).from(acmeSettings),
  ).rejects.toThrow();
});

test.each([
  ["http://ca.example/directory", "directoryUrl"],
  // Only who runs the control plane may lead the worker to its own machine.
  ["http://127.0.0.1:5432/", "directoryUrl"],
  ["https://user:secret@ca.example/directory", "directoryUrl"],
  ["ca.example", "directoryUrl"],
])("refuses %s as a directory", async (directoryUrl, field) => {
  await expect(changeAuthority(t.owner, { directoryUrl })).rejects.toMatchObject({
    kind: "invalid",
    field,
  });
});

test("refuses what is no certificate as a root, and whoever may not choose", async () => {
  const { directoryUrl } = t.settings;
  await expect(
    changeAuthority(t.owner, {
      directoryUrl,
      rootCertificates: "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----",
    }),
  ).rejects.toMatchObject({ kind: "invalid", field: "rootCertificates" });
  await expect(changeAuthority(t.as("technician"), { directoryUrl })).rejects.toMatchObject({
    kind: "forbidden",
  });
  await expect(changeAuthority({ ...t.owner, tenantId: t.tenantId }, { directoryUrl })).rejects.toMatchObject(
    { kind: "forbidden" },
  );
});
