import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signIn } from "../access/index.ts";
import { getAuthority, listCertificateFindings, listCertificates } from "../certificates/index.ts";
import { checkDueServers } from "../checks/index.ts";
import type { ServiceContext } from "../context/index.ts";
import { publishByHand } from "../dns/index.ts";
import { checkDueDomains, getDomain, listDomains } from "../domains/index.ts";
import { getDomainTold, listFeeds } from "../feeds/index.ts";
import { getFinding, listDeliveryFindings, recordDeliveryFindings } from "../findings/index.ts";
import { forgetOldJobs, listJobs, readJobEvents } from "../jobs/index.ts";
import { listMeasures, listWarmUps } from "../measures/index.ts";
import { getDomainReports } from "../reports/index.ts";
import { getServerReputation, listStandings } from "../reputation/index.ts";
import { listRollouts } from "../rollouts/index.ts";
import { getRotation, runDueRotations } from "../rotations/index.ts";
import { getSenderRules } from "../sender-rules/index.ts";
import {
  getDrift,
  getFleetOverview,
  getServer,
  listServers,
  previewInstall,
  syncLaggingDirectories,
} from "../servers/index.ts";
import { testInstallation } from "../testing/service-test.ts";
import { getUpdatesOverview, listWaitingUpdates, searchPackages } from "../updates/index.ts";
import { getServerVerdicts } from "../verdicts/index.ts";
import { getZone, listZones, renewWaitingZones } from "../zones/index.ts";
import { seedDemo } from "./seed-demo.ts";

let database: TestDatabase;
let ctx: ServiceContext;
const now = new Date("2026-11-23T20:00:00Z");
const installation = testInstallation();

beforeAll(async () => {
  database = await openTestDatabase();
  const account = await seedDemo({ app: database.app, system: database.system, installation, now });
  const base = { database: database.app, now: () => now, requestId: "test", installation };
  const signedIn = await signIn(base, {
    email: account?.email ?? "",
    password: account?.password ?? "",
    ipAddress: "192.0.2.1",
    userAgent: "test",
  });
  if (signedIn === null) throw new Error("the demo account cannot sign in");
  const { organisationId, userId, name } = signedIn;
  ctx = { ...base, organisationId, tenantId: null, actor: { kind: "user", userId, name, role: "owner" } };
});
afterAll(() => database.close());

test("every state that a screen can show is in the fleet", async () => {
  const overview = await getFleetOverview(ctx);
  expect(overview).toMatchObject({ tenantCount: 3, serverCount: 12 });
  expect(overview.statuses).toEqual({
    healthy: 4,
    "dkim-key-gone": 1,
    reboot: 1,
    drift: 1,
    "service-down": 1,
    offline: 1,
    "job-failed": 1,
    installing: 1,
    "awaiting-agent": 1,
  });
  expect(overview.runningJobs.map((job) => job.state)).toEqual(["queued", "running"]);
  expect(overview.mailboxCount).toBeGreaterThan(250);
});

test("servers tell what nobody has seen to, and most are in order", async () => {
  const { servers } = await listServers(ctx, {});
  const found = await Promise.all(
    servers.map(async ({ id }) => (await getServer(ctx, { serverId: id })).upkeepFindings),
  );
  expect(new Set(found.flat().map(({ kind }) => kind))).toEqual(
    new Set(["updates-pending", "ssh-password", "backup-old"]),
  );
  expect(found.filter(({ length }) => length > 0)).toHaveLength(2);
});

test("updates wait, with CVEs and without, and something is to be restarted", async () => {
  const { updates } = await listWaitingUpdates(ctx);
  expect(updates[0]).toMatchObject({ sourceName: "openssl", isSecurity: true, servers: 3, urgency: "high" });
  expect(updates[0]?.cves.length).toBeGreaterThan(1);
  expect(updates.some(({ isSecurity }) => !isSecurity)).toBe(true);
  expect(await getUpdatesOverview(ctx)).toMatchObject({
    told: 10,
    withSecurityUpdates: 3,
    toRestart: 1,
    withOutdatedUnits: 1,
    changelogsUnread: { servers: 1 },
  });
  const { versions } = await searchPackages(ctx, { search: "openssl" });
  expect(versions).toHaveLength(3);
});

test("domains are right, incomplete and wrong", async () => {
  const { domains } = await listDomains(ctx, { limit: 500 });
  expect(new Set(domains.map((domain) => domain.health))).toEqual(
    new Set(["right", "incomplete", "wrong", "unchecked"]),
  );
});

test("every domain was checked within the last day, so that no screen of a fresh demo is outdated", async () => {
  const { domains } = await listDomains(ctx, { limit: 500 });
  const ages = domains.flatMap(({ checkedAt }) =>
    checkedAt === null ? [] : [now.getTime() - checkedAt.getTime()],
  );
  expect(ages.length).toBeGreaterThan(10);
  expect(Math.max(...ages)).toBeLessThan(86_400_000);
});

test("the worker does not ask the world about domains and servers that are not in it", async () => {
  const system = { ...ctx, database: database.system, actor: { kind: "system", name: "worker" } } as const;
  const later = { ...system, now: () => new Date(now.getTime() + 30 * 86_400_000) };
  const run = await checkDueDomains(later, { app: database.app, installation });
  expect(run).toEqual({ checked: [], resolverProblem: null, failed: [] });
  const looked = await checkDueServers(later, { app: database.app, installation });
  expect(looked).toEqual({ checked: [], resolverProblem: null, failed: [] });
});

test("receivers trust most of the fleet, one refuses a server, one slows a domain, and one has forgiven", async () => {
  const { rows } = await listStandings(ctx, {});
  const worst = rows.map(({ name, standings: [first] }) => ({ name, ...first }));
  expect(worst[0]).toMatchObject({
    name: "alpine-vienna",
    provider: "outlook",
    reputation: "BAD",
    reason: "blocked",
  });
  expect(worst.find(({ name }) => name === "harbour-mx2")).toMatchObject({
    provider: "gmail",
    reputation: "MEDIUM",
    reason: "deferred",
  });
  expect(rows.length).toBeGreaterThan(8);
  const serverId = rows.find(({ name }) => name === "nordlicht-mail")?.id ?? "";
  const { cells, standings } = await getServerReputation(ctx, { serverId, span: "quarter" });
  expect(cells.filter(({ provider, blocked }) => provider === "outlook" && blocked > 0)).toHaveLength(6);
  expect(standings.find(({ provider }) => provider === "outlook")).toMatchObject({ reputation: "HIGH" });
});

test("the keys of one domain have been rotated, those of another are right now, and the worker leaves both alone", async () => {
  const { domains } = await listDomains(ctx, { limit: 500 });
  const rotationOf = (name: string) =>
    getRotation(ctx, { domainId: domains.find((domain) => domain.name === name)?.id ?? "" });
  const { current, past } = await rotationOf("brotzeit.example");
  expect(current).toBeNull();
  expect(past).toMatchObject([{ outcome: "finished" }]);
  const underWay = await rotationOf("nordlicht.example");
  expect(underWay.current).toMatchObject({ step: "watching", alarm: null });
  const ending = await rotationOf("nordlicht-projekte.example");
  expect(ending.current).toMatchObject({ step: "retiring", alarm: null });
  expect(ending.isNextOpen).toBe(true);
  const system = { ...ctx, database: database.system, actor: { kind: "system", name: "worker" } } as const;
  const later = { ...system, now: () => new Date(now.getTime() + 200 * 86_400_000) };
  const run = await runDueRotations(later, { app: database.app, installation, publisher: publishByHand });
  expect(run).toEqual({ started: [], postponed: [], ticked: [], failed: [] });
});

test("drift and changes are those of files that the target states really ask for", async () => {
  const { servers } = await listServers(ctx, { state: "drift" });
  const [drifted] = servers;
  const drift = await getDrift(ctx, { serverId: drifted?.id ?? "" });
  const { files } = await previewInstall(ctx, { serverId: drifted?.id ?? "" });
  expect(drift?.entries.length).toBeGreaterThan(1);
  for (const { path, diff } of drift?.entries ?? []) {
    const held = files.find((file) => file.path === path)?.content.split("\n") ?? [];
    const asked = (diff ?? "").split("\n").filter((line) => /^[ -](?!--)/.test(line));
    expect(asked.length).toBeGreaterThan(1);
    for (const line of asked) expect(held).toContain(line.slice(1));
  }
  const { jobs } = await listJobs(ctx, { filter: "failed" });
  const { events } = await readJobEvents(ctx, { jobId: jobs[0]?.id ?? "", afterNumber: 0 });
  const changed = events.flatMap(({ body }) => (body.kind === "file-changed" ? [body] : []));
  expect(changed.map(({ path }) => path)).toEqual(["/etc/dovecot/mailstead-overrides.conf"]);
  expect(changed[0]?.diff).toContain("+mail_max_userip_connections = 40x");
});

test("ninety days of jobs stand in the history, and nothing but the install's sync waits", async () => {
  const { rows: history } = await database.admin.pool.query<{ count: number; oldest: Date }>(
    "select count(*)::integer as count, min(created_at) as oldest from jobs",
  );
  expect(history[0]?.count).toBeGreaterThan(100);
  expect(now.getTime() - (history[0]?.oldest.getTime() ?? 0)).toBeGreaterThan(80 * 86_400_000);
  const { rows } = await database.admin.pool.query(
    "select verb, state, count(*)::integer as count from jobs where state not in ('succeeded', 'failed') group by 1, 2 order by 1",
  );
  const system = {
    database: database.system,
    now: () => now,
    requestId: "test",
    actor: { kind: "system", name: "worker" } as const,
  };
  expect(await syncLaggingDirectories(system, { limit: 100 })).toEqual([]);
  expect(rows).toEqual([
    { verb: "converge", state: "running", count: 1 },
    { verb: "sync-directory", state: "queued", count: 1 },
  ]);
});

test("what made the hosts as they are stays while the demo is looked at, and no older converge calls itself an installation", async () => {
  const { rows: installs } = await database.admin.pool.query(
    "select min(sequence) filter (where is_install) = min(sequence) and count(*) filter (where is_install) = 1 as is_first from jobs where verb = 'converge' group by server_id",
  );
  expect(installs.length).toBeGreaterThan(9);
  expect(installs.every(({ is_first }) => is_first)).toBe(true);
  const system = { ...ctx, database: database.system, actor: { kind: "system", name: "worker" } } as const;
  await forgetOldJobs(system, { endedBefore: new Date("2999-01-01"), limit: 10_000 });
  const { rows: left } = await database.admin.pool.query(
    "select distinct server_id from jobs where verb = 'converge' and state = 'succeeded'",
  );
  expect(left.length).toBe(10);
});

test("a second seeding changes nothing", async () => {
  expect(await seedDemo({ app: database.app, system: database.system, installation, now })).toBeNull();
  expect((await listServers(ctx)).total).toBe(12);
});

test("certificates of every standing are there to see, and no worker comes to ask for one", async () => {
  const views = await listCertificates(ctx, {});
  expect(views.length).toBeGreaterThan(15);
  const concerns = (await listCertificateFindings(ctx)).map(({ concern }) => concern.code);
  expect(concerns).toEqual(expect.arrayContaining(["expires-soon", "order-failing"]));
  expect(views.every(({ nextAttemptAt }) => nextAttemptAt > new Date("2900-01-01"))).toBe(true);
  expect(await getAuthority(ctx)).toMatchObject({ name: "Let's Encrypt", termsAgreedBy: "Mara Lindqvist" });
});

test("a zone is hosted, with one step left, and nothing of it waits to be brought in step", async () => {
  const [zone] = await listZones(ctx);
  expect(zone).toMatchObject({
    name: "harbour-legal.example",
    primary: "harbour-mx1",
    secondary: "harbour-mx2",
    standing: "waiting",
  });
  const { steps } = await getZone(ctx, { zoneId: zone?.id ?? "" });
  expect(steps.filter(({ state }) => state !== "done")).toMatchObject([{ kind: "signers", state: "todo" }]);
  const system = { ...ctx, database: database.system, actor: { kind: "system", name: "worker" } } as const;
  expect(await renewWaitingZones(system, { app: database.app, installation })).toEqual({
    changed: [],
    failed: [],
  });
});

test("the key of another zone is being rolled, and waits for its new DS record", async () => {
  const zone = (await listZones(ctx)).find(({ name }) => name === "harbour-maritime.example");
  const { keyRoll, steps, delegation } = await getZone(ctx, { zoneId: zone?.id ?? "" });
  expect(keyRoll).toMatchObject({ step: "delegating", startedBy: "Mara Lindqvist", alarm: null });
  expect(keyRoll?.reached.map(({ step }) => step)).toEqual(["making", "spreading", "delegating"]);
  expect(delegation.signers).toHaveLength(1);
  expect(steps.filter(({ state }) => state !== "done")).toMatchObject([
    { kind: "signers", state: "todo", sentence: expect.stringMatching(/is being rolled/) },
  ]);
});

test("domains share servers in every role that a screen shows, one of them leaves, and one domain has no mail", async () => {
  const { domains } = await listDomains(ctx, { limit: 500 });
  const rolesOf = async (name: string) => {
    const domainId = domains.find((domain) => domain.name === name)?.id ?? "";
    const { servers } = await getDomain(ctx, { domainId });
    return servers.map(({ name: server, role, leavesSince }) => [server, role, leavesSince !== null]);
  };
  expect(await rolesOf("alpine-bakery.example")).toEqual([
    ["alpine-mx1", "home", false],
    ["alpine-zurich", "backup-mx", false],
    ["alpine-shop", "outbound", false],
  ]);
  expect(await rolesOf("harbour-notary.example")).toEqual([
    ["harbour-mx1", "home", false],
    ["harbour-mx2", "mx", true],
  ]);
  expect(await rolesOf("harbour-law.example")).toEqual([]);
});

test("a shop that writes newsletters is a bulk sender at Gmail, and misses what only they need", async () => {
  const { domains } = await listDomains(ctx, { search: "shop.alpine" });
  const { providers, serverId } = await getSenderRules(ctx, { domainId: domains[0]?.id ?? "" });
  const [gmail] = providers;
  expect(gmail).toMatchObject({ provider: "gmail", isBulk: true });
  const states = Object.fromEntries(gmail?.rules.map(({ rule, state }) => [rule, state]) ?? []);
  expect(states).toMatchObject({ spf: "met", dkim: "met", alignment: "met", "one-click": "not-met" });
  const { inbound, outbound } = await getServerVerdicts(ctx, { serverId: serverId ?? "" });
  expect(inbound.actions.rejected).toBeGreaterThan(0);
  expect(outbound.facts.signed).toBe(outbound.messages);
});

test("one measure is in force and one warm-up is under way", async () => {
  const { servers } = await listServers(ctx, {});
  const inForce = await Promise.all(
    servers.map(async ({ id: serverId }) => ({
      measures: (await listMeasures(ctx, { serverId })).measures.length,
      warmUps: (await listWarmUps(ctx, { serverId })).warmUps.length,
    })),
  );
  expect(inForce.reduce((total, one) => total + one.measures, 0)).toBe(1);
  expect(inForce.reduce((total, one) => total + one.warmUps, 0)).toBe(1);
});

test("receivers report of the domains whose records ask them to, and a forged one is a finding", async () => {
  const { domains } = await listDomains(ctx, { limit: 500 });
  const all = await Promise.all(
    domains.map(({ id }) => getDomainReports(ctx, { domainId: id, span: "month" })),
  );
  const told = all.filter(({ dmarc }) => dmarc.reports > 0);
  expect(told.length).toBeGreaterThan(10);
  expect(told.length).toBeLessThan(all.length);
  const kinds = new Set(all.flatMap(({ findings }) => findings.map(({ kind }) => kind)));
  expect(kinds).toContain("reported-stranger");
  expect(all.some(({ complaints }) => complaints.length > 0)).toBe(true);
});

test("providers tell of the fleet, and no feed of the demo is ever read", async () => {
  const feeds = await listFeeds(ctx);
  expect(feeds.map(({ kind, standing }) => `${kind} ${standing.kind}`)).toEqual([
    "google-postmaster fresh",
    "snds fresh",
    "yahoo fresh",
  ]);
  expect(
    feeds.filter(({ nextLookAt }) => nextLookAt !== null && nextLookAt < new Date("2100-01-01")),
  ).toEqual([]);
  const { domains } = await listDomains(ctx, { search: "alpine-bakery.example" });
  const told = await getDomainTold(ctx, { domainId: domains[0]?.id ?? "" });
  expect(told.subjects.map(({ title }) => title)).toEqual(["Google Postmaster Tools", "Yahoo Sender Hub"]);
});

test("a receiver objects to most of the fleet at once, others to one server each, and the worker finds it so again", async () => {
  await recordDeliveryFindings({ ...ctx, database: database.system }, { app: database.app, installation });
  const findings = await listDeliveryFindings(ctx, {});
  expect(findings.map(({ sentence }) => sentence.replace(/ at .*/, ""))).toEqual([
    "Yahoo began to defer 7 servers",
    "Outlook.com blocks 203.0.113.13 (S3140).",
    // Its address stands on a list, which its receivers go by.
    "The reputation of alpine-vienna",
    "Gmail slows down mail of harbour-mx2, nearly all of clients.harbour-legal.example (4.7.28).",
  ]);
  const page = await getFinding(ctx, { findingId: findings[0]?.id ?? "" });
  expect(page.servers).toHaveLength(7);
  expect(page.details).toMatchObject({ owner: "them", fleet: { cause: "their-change" } });
});

test("two rollouts have gone well, of packages and of the agent, and one was halted by its canary, which has got back what it had", async () => {
  const { rollouts: past } = await listRollouts(ctx, { isOver: true });
  expect(past).toMatchObject([
    { state: "finished", kind: "agents" },
    { state: "finished", kind: "packages" },
  ]);
  for (const { counts } of past) expect(counts.succeeded).toBeGreaterThan(4);
  const { rollouts: open } = await listRollouts(ctx, { isOver: false });
  expect(open).toMatchObject([
    { state: "halted", haltedBecause: expect.stringMatching(/of the canary went wrong\.$/) },
  ]);
  expect(open[0]?.counts.restored).toBeGreaterThan(0);
  expect(open[0]?.counts.succeeded).toBeUndefined();
});
