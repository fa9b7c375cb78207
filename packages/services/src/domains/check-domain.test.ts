import { createSocket } from "node:dgram";
import { judgeRecord, type NameServerAnswer, type PlannedRecord } from "@mailstead/core/dns";
import { dkimKeys } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { afterAll, expect, test } from "vitest";
import { changeHostname, getTargetState, recordFacts, recordObserved } from "../servers/index.ts";
import { openServerTest } from "../testing/open-server-test.ts";
import { testFacts } from "../testing/test-facts.ts";
import {
  addDomain,
  changeMailSettings,
  checkDomain,
  checkDueDomains,
  getDomain,
  getMailSettings,
  listDomainFindings,
  listDomains,
  recordDomainCheck,
} from "./index.ts";

const t = await openServerTest();
const { serverId } = t;
afterAll(() => t.close());

const add = (name: string) => addDomain(t.owner, { tenantId: t.tenantId, serverId, name });

test("a domain without a record that its mail needs is a finding; one without a recommended record is none", async () => {
  const domainId = await withReportedKeys("finding.example");
  const findingNow = async () =>
    (await listDomainFindings(t.owner)).find((finding) => finding.domainId === domainId);
  const listed = async () => (await listDomains(t.owner, { search: "finding.example" })).domains[0];
  const see = async (isShown: (record: PlannedRecord) => boolean) => {
    t.clock.now = new Date(t.clock.now.getTime() + 1000);
    const report = await reportOf(domainId, (record) => (isShown(record) ? [record.value] : []));
    await recordDomainCheck(t.owner, { domainId, report });
  };
  expect(await findingNow()).toBeUndefined();
  await see(({ purpose }) => purpose !== "mx" && purpose !== "spf");
  expect(await findingNow()).toMatchObject({
    unicodeName: "finding.example",
    health: "incomplete",
    level: "trouble",
    recordCount: 2,
  });
  expect(await listed()).toMatchObject({ health: "incomplete", level: "trouble" });
  await see(({ purpose }) => purpose !== "dmarc");
  expect(await findingNow()).toBeUndefined();
  expect(await listed()).toMatchObject({ health: "incomplete", level: "attention" });
});

/** A resolver that finds nothing below the root: it fails for every other name (SERVFAIL). */
async function openFailingResolver() {
  const socket = createSocket("udp4");
  socket.on("message", (query, from) => {
    const answer = Buffer.from(query);
    const isRoot = query[12] === 0;
    answer.writeUInt16BE(isRoot ? 0x8180 : 0x8182, 2);
    socket.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return socket;
}

async function withReportedKeys(name: string) {
  const { domainId } = await add(name);
  const { keys } = await getDomain(t.owner, { domainId });
  await recordObserved(t.system, {
    serverId,
    report: {
      targetRevision: 1,
      drift: [],
      dkimPublicKeys: keys.map(({ selector, algorithm }) => ({
        domain: name,
        selector,
        algorithm,
        publicKey: selector.endsWith("a") ? "QUJD" : "REVG",
      })),
      directory: { epoch: 1, revision: 1 },
    },
  });
  return domainId;
}

/** What two name servers answer; `of` gives each its values. */
async function reportOf(domainId: string, of: (record: PlannedRecord, server: number) => string[] | null) {
  const { records } = await getDomain(t.owner, { domainId });
  return {
    kind: "checked" as const,
    records: records.map((record) => {
      const answers = [0, 1].map((server): NameServerAnswer => {
        const values = of(record, server);
        const asked = { nameServer: `ns${server}.example`, address: "192.0.2.1" };
        return values === null
          ? { ...asked, kind: "failed", problem: "it did not answer" }
          : { ...asked, kind: "answered", values };
      });
      return { record, verdict: judgeRecord(record, answers) };
    }),
  };
}

const signingOf = async (domainName: string) =>
  (await getTargetState(t.owner, { serverId })).state.domains
    .find((domain) => domain.name === domainName)
    ?.dkimKeys.map((key) => key.isSigning);

test("a key begins to sign when every name server shows its record, and not before", async () => {
  const domainId = await withReportedKeys("signs.example");
  const oneServer = await reportOf(domainId, (record, server) => (server === 0 ? [record.value] : []));
  expect((await recordDomainCheck(t.owner, { domainId, report: oneServer })).startedSigning).toEqual([]);
  const oneSilent = await reportOf(domainId, (record, server) => (server === 0 ? [record.value] : null));
  expect((await recordDomainCheck(t.owner, { domainId, report: oneSilent })).startedSigning).toEqual([]);
  expect(await signingOf("signs.example")).toEqual([false, false]);
  const rsaOnly = await reportOf(domainId, (record) =>
    record.value.includes("k=ed25519") ? [] : [record.value],
  );
  expect((await recordDomainCheck(t.owner, { domainId, report: rsaOnly })).startedSigning).toEqual([
    "ms202611a",
  ]);
  expect(await signingOf("signs.example")).toEqual([true, false]);
  const all = await reportOf(domainId, (record) => [record.value]);
  expect((await recordDomainCheck(t.owner, { domainId, report: all })).startedSigning).toEqual(["ms202611b"]);
  expect(await signingOf("signs.example")).toEqual([true, true]);
  const { domains } = await listDomains(t.owner, { search: "signs" });
  expect(domains[0]).toMatchObject({ health: "right", isSigning: true, checkedAt: t.clock.now });
});

test("a name server that does not answer for the zone keeps no key from signing, and is shown", async () => {
  const domainId = await withReportedKeys("lame.example");
  const report = await allRight(domainId);
  const lame = {
    nameServer: "ns9.example",
    address: "192.0.2.9",
    kind: "failed",
    problem: "it answered REFUSED",
    isLame: true,
  } as const;
  const finding = {
    kind: "lame",
    about: "lame.example",
    severity: "warning",
    sentence: "One is lame.",
    evidence: [],
    why: "Mail waits.",
    fix: "Repair it.",
  } as const;
  const dnssec = { kind: "none", sentence: "Not signed." } as const;
  const seen = {
    ...report,
    records: report.records.map(({ record, verdict }) => ({
      record,
      verdict: { ...verdict, answers: [...verdict.answers, lame] },
    })),
    zones: [{ zone: "lame.example", dnssec, findings: [finding] }],
  };
  const { startedSigning } = await recordDomainCheck(t.owner, { domainId, report: seen });
  expect(startedSigning).toHaveLength(2);
  expect((await getDomain(t.owner, { domainId })).zones).toEqual(seen.zones);
  const { domains } = await listDomains(t.owner, { search: "lame.example" });
  expect(domains[0]).toMatchObject({ health: "attention", level: "attention" });
});

test("a check of a record that has changed meanwhile starts nothing", async () => {
  const domainId = await withReportedKeys("races.example");
  const report = await reportOf(domainId, (record) => [record.value]);
  await t.database.admin.pool.query("update dkim_keys set public_key = 'T1RIRVI=' where domain_id = $1", [
    domainId,
  ]);
  expect((await recordDomainCheck(t.owner, { domainId, report })).startedSigning).toEqual([]);
});

/** Runs the worker's check as if so many minutes had passed; gives the checked ones of `among`. */
async function runChecks(afterMinutes: number, among: readonly string[], dnsResolver: string) {
  const now = new Date(t.clock.now.getTime() + afterMinutes * 60_000);
  const ctx = { ...t.system, now: () => now };
  const run = await checkDueDomains(ctx, {
    app: t.database.app,
    installation: { ...t.installation, dnsResolver },
  });
  expect(run.failed).toEqual([]);
  return {
    checked: among.filter((id) => run.checked.some((one) => one.domainId === id)),
    resolverProblem: run.resolverProblem,
  };
}

const allRight = (domainId: string) => reportOf(domainId, (record) => [record.value]);
const settle = () => t.database.admin.pool.query("update domains set next_check_at = 'infinity'");

test("domains whose keys wait are asked about soon at first, then rarely, then once a day", async () => {
  const failing = await openFailingResolver();
  const resolver = `127.0.0.1#${failing.address().port}`;
  await t.database.admin.pool.query("delete from dkim_keys");
  await settle();
  const domainId = await withReportedKeys("waits.example");
  const run = async (afterMinutes: number) => (await runChecks(afterMinutes, [domainId], resolver)).checked;
  expect(await run(0)).toEqual([domainId]);
  expect(await run(0.5)).toEqual([]);
  expect(await run(1)).toEqual([domainId]);
  expect(await run(25 * 60)).toEqual([domainId]);
  expect(await run(25 * 60 + 5)).toEqual([]);
  await t.database.admin.pool.query("update dkim_keys set state = 'signing'");
  expect(await run(90 * 24 * 60)).toEqual([domainId]);
  expect(await run(90 * 24 * 60 + 59)).toEqual([]);
  expect(await run(91 * 24 * 60 + 60)).toEqual([domainId]);
  failing.close();
});

test("a domain that is right is asked about once a day, and soon again when it no longer is", async () => {
  const failing = await openFailingResolver();
  const resolver = `127.0.0.1#${failing.address().port}`;
  await settle();
  const domainId = await withReportedKeys("daily.example");
  await recordDomainCheck(t.owner, { domainId, report: await allRight(domainId) });
  const run = async (afterMinutes: number) => (await runChecks(afterMinutes, [domainId], resolver)).checked;
  expect(await run(59)).toEqual([]);
  expect(await run(25 * 60)).toEqual([domainId]);
  // Its name servers cannot be asked: that is the change.
  const checkedAfter = [0, 1, 5, 15, 60, 120].map((minutes) => 25 * 60 + minutes);
  for (const [index, minutes] of checkedAfter.entries()) {
    if (index > 0) expect(await run(minutes), `${minutes} min`).toEqual([domainId]);
    expect(await run(minutes + 0.5)).toEqual([]);
  }
  const later = { ...t.owner, now: () => new Date(t.clock.now.getTime() + 28 * 3_600_000) };
  await recordDomainCheck(later, { domainId, report: await allRight(domainId) });
  expect(await run(28 * 60 + 59)).toEqual([]);
  failing.close();
});

test("after a change of its settings a domain that has long been wrong is asked about soon again, not only at once", async () => {
  const failing = await openFailingResolver();
  const resolver = `127.0.0.1#${failing.address().port}`;
  await settle();
  const { domainId } = await add("long-wrong.example");
  await t.database.admin.pool.query(
    "update domains set unsettled_since = $2, next_check_at = 'infinity' where id = $1",
    [domainId, new Date(t.clock.now.getTime() - 3 * 86_400_000)],
  );
  const { settings } = await getMailSettings(t.owner, { domainId });
  await changeMailSettings(t.owner, {
    domainId,
    settings: { ...settings, tlsReportsTo: ["tls@long-wrong.example"] },
  });
  const run = async (afterMinutes: number) => (await runChecks(afterMinutes, [domainId], resolver)).checked;
  for (const minutes of [0, 1, 5, 15, 60]) {
    expect(await run(minutes), `${minutes} min`).toEqual([domainId]);
    expect(await run(minutes + 0.5)).toEqual([]);
  }
  failing.close();
});

test("a new key, another address and another name of the host are looked for without waiting for the day", async () => {
  const failing = await openFailingResolver();
  const resolver = `127.0.0.1#${failing.address().port}`;
  await settle();
  const { domainId } = await add("renewed.example");
  await recordDomainCheck(t.owner, { domainId, report: await allRight(domainId) });
  expect((await runChecks(0.5, [domainId], resolver)).checked).toEqual([]);
  await t.database.admin.query
    .update(dkimKeys)
    .set({ publicKey: "QUJD", reportedAt: new Date(t.clock.now.getTime() + 60_000) })
    .where(eq(dkimKeys.domainId, domainId));
  expect((await runChecks(2, [domainId], resolver)).checked).toEqual([domainId]);
  await settle();
  const facts = { serverId, facts: testFacts({ ipAddresses: ["198.51.100.77"] }) };
  await recordFacts({ ...t.gateway, now: () => new Date(t.clock.now.getTime() + 3 * 60_000) }, facts);
  expect((await runChecks(3.5, [domainId], resolver)).checked).toEqual([domainId]);
  await settle();
  await recordFacts({ ...t.gateway, now: () => new Date(t.clock.now.getTime() + 4 * 60_000) }, facts);
  expect((await runChecks(5, [domainId], resolver)).checked).toEqual([]);
  await changeHostname(t.owner, { serverId, hostname: "mail7.msp.example" });
  expect((await runChecks(0, [domainId], resolver)).checked).toEqual([domainId]);
  failing.close();
});

async function openSilentResolver() {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return socket;
}

test("a resolver that does not answer is one finding, and leaves what was known of a domain", async () => {
  await settle();
  const domainId = await withReportedKeys("silent.example");
  const silent = await openSilentResolver();
  const resolver = { address: "127.0.0.1", port: silent.address().port, authorityPort: 53 };
  const check = await checkDomain(t.owner, { domainId }, resolver);
  expect(check.report.kind).toBe("resolver-silent");
  const first = await getDomain(t.owner, { domainId });
  expect(first.lastCheck?.problem).toContain("does not answer");
  expect((await listDomains(t.owner, { search: "silent" })).domains[0]?.health).toBe("unanswered");

  await recordDomainCheck(t.owner, { domainId, report: await allRight(domainId) });
  const later = { ...t.owner, now: () => new Date(t.clock.now.getTime() + 60_000) };
  await checkDomain(later, { domainId }, resolver);
  const known = await getDomain(t.owner, { domainId });
  expect(known.lastCheck).toEqual({
    checkedAt: t.clock.now,
    problem: check.report.kind === "resolver-silent" && check.report.sentence,
  });
  expect(new Set(known.records.map((record) => record.verdict?.kind))).toEqual(new Set(["ok"]));
  const { domains } = await listDomains(t.owner, { search: "silent" });
  expect(domains[0]).toMatchObject({ health: "right", checkedAt: t.clock.now });
  await recordDomainCheck(t.owner, { domainId, report: await allRight(domainId) });
  expect((await getDomain(t.owner, { domainId })).lastCheck?.problem).toBeNull();
  silent.close();
});

test("while the resolver is silent a run gives up after the first, and goes on when it is back", async () => {
  const silent = await openSilentResolver();
  const failing = await openFailingResolver();
  await settle();
  const ids: string[] = [];
  for (let n = 0; n < 12; n++) ids.push((await add(`many${n}.example`)).domainId);
  const down = await runChecks(0, ids, `127.0.0.1#${silent.address().port}`);
  expect(down.checked).toEqual([]);
  expect(down.resolverProblem).toContain("does not answer");
  const { rows } = await t.database.admin.pool.query(
    "select count(*)::integer as tried from domains where resolver_problem is not null and name like 'many%'",
  );
  expect(rows[0].tried).toBeLessThanOrEqual(10);
  const back = await runChecks(2, ids, `127.0.0.1#${failing.address().port}`);
  expect(back).toEqual({ checked: ids, resolverProblem: null });
  silent.close();
  failing.close();
});
