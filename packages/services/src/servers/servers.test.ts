import { createHash } from "node:crypto";
import { makeAgent, makeGateway, makeJob, makeTenant } from "@mailstead/db/factories";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { listAudit } from "../audit/index.ts";
import { createTenant, listTenants, removeTenant, renameTenant } from "../tenants/index.ts";
import { listJobsOf } from "../testing/list-jobs-of.ts";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import { testFacts } from "../testing/test-facts.ts";
import {
  addServer,
  changeHostname,
  changeOverrides,
  changeStackSettings,
  convergeServer,
  getDrift,
  getFleetOverview,
  getServer,
  getTargetState,
  installServer,
  listServers,
  previewInstall,
  readTargetDocument,
  recordFacts,
  recordObserved,
  removeServer,
  restartService,
  setRelays,
  syncLaggingDirectories,
  unbanAddress,
} from "./index.ts";

let t: ServiceTest;
let serverId: string;
let count = 0;
beforeAll(async () => {
  t = await openServiceTest();
});
afterAll(() => t.close());
beforeEach(async () => {
  count += 1;
  const name = `mail${count}`;
  ({ serverId } = await addServer(t.owner, { tenantId: t.tenantId, name, hostname: `${name}.msp.example` }));
});

const enrol = () =>
  makeAgent(t.database.admin, { organisationId: t.organisationId, tenantId: t.tenantId, serverId });

test("the document that an agent gets is the exact text that was digested", async () => {
  await enrol();
  await installServer(t.owner, { serverId });
  const converge = (await listJobsOf(t, serverId)).find((job) => job.verb === "converge");
  const document = await readTargetDocument(t.system, { serverId, revision: 1 });
  expect(converge?.args).toEqual({
    targetRevision: 1,
    targetDigest: createHash("sha256")
      .update(document ?? "")
      .digest("hex"),
    revertsDrift: false,
  });
  expect(await readTargetDocument(t.system, { serverId, revision: 2 })).toBeNull();
});

test("a change of settings is a new revision with its author, and saying the same again is none", async () => {
  const first = await changeStackSettings(t.owner, { serverId, settings: { hasVirusScan: true } });
  expect(first).toEqual({ revision: 2, jobId: null });
  expect(await changeStackSettings(t.owner, { serverId, settings: { hasVirusScan: true } })).toEqual(first);
  const { state, history } = await getTargetState(t.owner, { serverId });
  expect(state.stack).toMatchObject({ hasVirusScan: true, recipientDelimiter: "+" });
  expect(history.map((row) => row.summary)).toEqual(["Settings changed", "Server added"]);
});

test("two changes at the same moment both count", async () => {
  await Promise.all([
    changeStackSettings(t.owner, { serverId, settings: { hasVirusScan: true } }),
    changeStackSettings(t.owner, { serverId, settings: { recipientDelimiter: "-" } }),
    changeHostname(t.owner, { serverId, hostname: `Renamed${count}.MSP.example.` }),
  ]);
  const { state } = await getTargetState(t.owner, { serverId });
  expect(state).toMatchObject({
    revision: 4,
    hostname: `renamed${count}.msp.example`,
    stack: { hasVirusScan: true, recipientDelimiter: "-" },
  });
});

test("a server waits, is offline, is ready, installs, and is healthy, drifted or in trouble as its host says", async () => {
  const statusNow = async () => (await getServer(t.owner, { serverId })).status;
  expect(await statusNow()).toBe("awaiting-agent");
  await enrol();
  expect(await statusNow()).toBe("offline");
  const gateway = await makeGateway(t.database.admin);
  await t.database.admin.pool.query("update servers set gateway_id = $1 where id = $2", [
    gateway.id,
    serverId,
  ]);
  expect(await statusNow()).toBe("not-installed");
  const { jobId } = await installServer(t.owner, { serverId });
  expect(await statusNow()).toBe("installing");
  await t.database.admin.pool.query("update jobs set state = 'succeeded' where server_id = $1", [serverId]);
  const report = { targetRevision: 1, drift: [], dkimPublicKeys: [], directory: { epoch: 1, revision: 0 } };
  await recordFacts(t.system, { serverId, facts: testFacts() });
  await recordObserved(t.system, { serverId, report });
  expect(await statusNow()).toBe("healthy");
  const drift = [{ path: "/etc/postfix/main.cf", kind: "changed" as const, diff: "-a\n+b" }];
  await recordObserved(t.system, { serverId, report: { ...report, drift } });
  expect(await statusNow()).toBe("drift");
  expect((await getDrift(t.owner, { serverId }))?.entries).toEqual(drift);
  await recordFacts(t.system, {
    serverId,
    facts: testFacts({ services: [{ unit: "dovecot.service", state: "failed", sinceUnixMs: null }] }),
  });
  expect(await statusNow()).toBe("service-down");
  expect(await findingsNow()).toMatchObject([
    { code: "service-down", services: ["dovecot.service"] },
    { code: "drift" },
  ]);
  expect(jobId).toMatch(/^[0-9a-f-]{36}$/);
});

const findingsNow = async () =>
  (await getFleetOverview(t.owner)).findings.filter((finding) => finding.serverId === serverId);

/** Installs the server, as if its host had taken the first revision. */
async function serve(): Promise<void> {
  await enrol();
  const { admin } = t.database;
  const gateway = await makeGateway(admin);
  await admin.pool.query("update servers set gateway_id = $1 where id = $2", [gateway.id, serverId]);
  await installServer(t.owner, { serverId });
  await endJobs("succeeded");
  await recordFacts(t.system, { serverId, facts: testFacts() });
  await reportRevision(1);
}

const endJobs = (state: string, verb = "%") =>
  t.database.admin.pool.query(
    "update jobs set state = $1, ended_at = $2 where server_id = $3 and ended_at is null and verb like $4",
    [state, t.clock.now, serverId, verb],
  );

const reportRevision = (targetRevision: number) =>
  recordObserved(t.system, {
    serverId,
    report: { targetRevision, drift: [], dkimPublicKeys: [], directory: { epoch: 1, revision: 0 } },
  });

test("a failed change is not hidden by the mailbox that is added after it", async () => {
  await serve();
  const { jobId } = await changeStackSettings(t.owner, { serverId, settings: { hasVirusScan: true } });
  await endJobs("failed");
  await makeJob(t.database.admin, {
    organisationId: t.organisationId,
    tenantId: t.tenantId,
    serverId,
    verb: "sync-directory",
    state: "succeeded",
    sequence: 90,
  });
  expect(await getServer(t.owner, { serverId })).toMatchObject({
    status: "job-failed",
    level: "attention",
    concerns: [{ code: "job-failed", jobId }],
  });
  expect(await findingsNow()).toMatchObject([{ code: "job-failed", jobId }]);
});

test("an installation that failed says so, although the sync behind it did well", async () => {
  await enrol();
  const gateway = await makeGateway(t.database.admin);
  await t.database.admin.pool.query("update servers set gateway_id = $1 where id = $2", [
    gateway.id,
    serverId,
  ]);
  const { jobId } = await installServer(t.owner, { serverId });
  await endJobs("failed", "converge");
  await endJobs("succeeded");
  expect((await listJobsOf(t, serverId)).map(({ verb, state }) => [verb, state])).toEqual([
    ["converge", "failed"],
    ["sync-directory", "succeeded"],
  ]);
  expect(await findingsNow()).toMatchObject([{ code: "install-failed", jobId }]);
});

test("a service that could not be restarted is named, until a change goes well", async () => {
  await serve();
  await restartService(t.owner, { serverId, service: "dovecot" });
  await endJobs("failed");
  expect(await findingsNow()).toMatchObject([{ code: "restart-failed", services: ["dovecot"] }]);
  await convergeServer(t.owner, { serverId });
  await endJobs("succeeded");
  expect(await findingsNow()).toEqual([]);
});

test("mailboxes that did not reach the host are a finding of their own, which ends when they have", async () => {
  await serve();
  await t.database.admin.pool.query("update servers set directory_revision = 1 where id = $1", [serverId]);
  await makeJob(t.database.admin, {
    organisationId: t.organisationId,
    tenantId: t.tenantId,
    serverId,
    verb: "sync-directory",
    state: "failed",
    sequence: 90,
  });
  expect(await findingsNow()).toMatchObject([{ code: "directory-failed", level: "attention" }]);
  await t.database.admin.pool.query("update servers set directory_revision = 0 where id = $1", [serverId]);
  expect(await findingsNow()).toEqual([]);
});

test("the list, the head of a page and Home agree on a host that cannot send", async () => {
  await serve();
  const blocked = testFacts({ canReachPort25: false, isRebootRequired: true });
  await recordFacts(t.system, { serverId, facts: blocked });
  const trouble = { status: "port-25-blocked", level: "trouble" };
  expect(await getServer(t.owner, { serverId })).toMatchObject(trouble);
  for (const state of ["port-25-blocked", "reboot"] as const) {
    const { servers } = await listServers(t.owner, { state });
    expect(servers.find(({ id }) => id === serverId)).toMatchObject(trouble);
  }
  expect((await findingsNow()).map(({ code }) => code)).toEqual(["port-25-blocked", "reboot"]);

  await setRelays(t.owner, {
    isUntested: true,
    serverId,
    relays: [{ sendersOf: "*", smarthost: { host: "smtp.relay.example", port: 587 } }],
  });
  await endJobs("succeeded");
  await reportRevision(2);
  expect((await findingsNow()).map(({ code }) => code)).toEqual(["reboot"]);
});

test("a directory that is behind heals itself, once, and again only after the host has reported", async () => {
  await enrol();
  await installServer(t.owner, { serverId });
  const { admin } = t.database;
  const gateway = await makeGateway(admin);
  await admin.pool.query("update servers set directory_revision = 5 where id = $1", [serverId]);
  const reportNow = async (revision: number) => {
    t.clock.now = new Date(t.clock.now.getTime() + 1);
    const report = { targetRevision: 1, drift: [], dkimPublicKeys: [], directory: { epoch: 1, revision } };
    await recordObserved(t.system, { serverId, report });
  };
  const heal = async () => (await syncLaggingDirectories(t.system, { limit: 100 })).includes(serverId);
  const endAllJobs = () =>
    admin.pool.query(
      `update jobs set state = 'failed', created_at = created_at - interval '1 hour', ended_at = $2
       where server_id = $1 and ended_at is null`,
      [serverId, t.clock.now],
    );
  await endAllJobs();
  await reportNow(3);
  expect(await heal()).toBe(false);
  await admin.pool.query("update servers set gateway_id = $1 where id = $2", [gateway.id, serverId]);
  expect([await heal(), await heal()]).toEqual([true, false]);
  const waiting = (await listJobsOf(t, serverId)).filter((job) => job.state === "queued");
  expect(waiting.map((job) => [job.verb, (job.args as { revision: number }).revision])).toEqual([
    ["sync-directory", 5],
  ]);
  await endAllJobs();
  expect(await heal()).toBe(false);
  await reportNow(5);
  expect(await heal()).toBe(false);
  await reportNow(4);
  expect(await heal()).toBe(true);
});

test("a directory whose sync failed is synced again later, although the host had nothing new to report", async () => {
  await enrol();
  await installServer(t.owner, { serverId });
  const { admin } = t.database;
  const gateway = await makeGateway(admin);
  await admin.pool.query("update servers set directory_revision = 5, gateway_id = $1 where id = $2", [
    gateway.id,
    serverId,
  ]);
  const report = { targetRevision: 1, drift: [], dkimPublicKeys: [], directory: { epoch: 1, revision: 3 } };
  await recordObserved(t.system, { serverId, report });
  t.clock.now = new Date(t.clock.now.getTime() + 10_000);
  await admin.pool.query(
    `update jobs set state = 'failed', ended_at = $2, created_at = created_at - interval '1 hour'
     where server_id = $1`,
    [serverId, t.clock.now],
  );
  const heal = async () => (await syncLaggingDirectories(t.system, { limit: 100 })).includes(serverId);
  await makeJob(admin, {
    organisationId: t.organisationId,
    tenantId: t.tenantId,
    serverId,
    verb: "sync-directory",
    args: { epoch: 1, revision: 5, chain: "" },
    state: "failed",
    createdAt: t.clock.now,
    endedAt: t.clock.now,
  });
  expect(await heal()).toBe(false);
  t.clock.now = new Date(t.clock.now.getTime() + 6 * 60_000);
  expect(await heal()).toBe(true);
});

test("nothing is installed, restarted or converged before its time", async () => {
  await expect(installServer(t.owner, { serverId })).rejects.toMatchObject({ kind: "precondition-failed" });
  await expect(restartService(t.owner, { serverId, service: "postfix" })).rejects.toMatchObject({
    kind: "precondition-failed",
  });
  await enrol();
  await expect(convergeServer(t.owner, { serverId })).rejects.toMatchObject({ kind: "precondition-failed" });
});

test("operating a server is ordered and audited, and an auditor may only look", async () => {
  await enrol();
  await restartService(t.owner, { serverId, service: "postfix" });
  await unbanAddress(t.owner, { serverId, address: "2001:db8::1" });
  const jobs = await listJobsOf(t, serverId);
  expect(jobs.map((job) => [job.sequence, job.verb, job.lane])).toEqual([
    [1, "restart-service", "change"],
    [2, "unban-address", "diagnostic"],
  ]);
  const { entries } = await listAudit(t.owner, { subjectId: serverId });
  expect(entries.map((entry) => entry.action)).toEqual(["unban-address", "restart-service", "add-server"]);
  const auditor = t.as("auditor");
  await expect(restartService(auditor, { serverId, service: "postfix" })).rejects.toMatchObject({
    kind: "forbidden",
  });
  expect((await getServer(auditor, { serverId })).name).toBe(`mail${count}`);
});

test("the preview shows every file, and overrides in them", async () => {
  await changeOverrides(t.owner, {
    serverId,
    overrides: { postfixMain: ["smtp_helo_name = helo.example"], dovecot: "", rspamd: {}, sieveBefore: "" },
  });
  const preview = await previewInstall(t.owner, { serverId, suite: "trixie" });
  const mainCf = preview.files.find((file) => file.path === "/etc/postfix/main.cf");
  expect(mainCf?.content).toContain("smtp_helo_name = helo.example");
  expect(preview.packages).toContain("postfix");
  await expect(previewInstall(t.owner, { serverId })).rejects.toMatchObject({ kind: "precondition-failed" });
});

test("within a tenant only its servers exist", async () => {
  const other = await makeTenant(t.database.admin, { organisationId: t.organisationId });
  const inOther = t.as("owner", other.id);
  expect((await listServers(inOther)).total).toBe(0);
  await expect(getServer(inOther, { serverId })).rejects.toMatchObject({ kind: "not-found" });
  await expect(removeServer(inOther, { serverId })).rejects.toMatchObject({ kind: "not-found" });
});

test("a removed server takes its jobs and revisions along and leaves its audit", async () => {
  await makeJob(t.database.admin, { organisationId: t.organisationId, tenantId: t.tenantId, serverId });
  await removeServer(t.owner, { serverId });
  await expect(getServer(t.owner, { serverId })).rejects.toMatchObject({ kind: "not-found" });
  const { entries } = await listAudit(t.owner, { subjectId: serverId });
  expect(entries.map((entry) => entry.action)).toEqual(["remove-server", "add-server"]);
});

test("customers have one name each and stay while they have servers", async () => {
  const { tenantId } = await createTenant(t.owner, { name: " Bakery " });
  await expect(createTenant(t.owner, { name: "BAKERY" })).rejects.toMatchObject({ kind: "conflict" });
  await renameTenant(t.owner, { tenantId, name: "Bakery Ltd" });
  expect((await listTenants(t.owner)).find((row) => row.id === tenantId)?.name).toBe("Bakery Ltd");
  await expect(removeTenant(t.owner, { tenantId: t.tenantId })).rejects.toMatchObject({
    kind: "precondition-failed",
  });
  await removeTenant(t.owner, { tenantId });
  await expect(createTenant(t.as("owner", t.tenantId), { name: "Inside" })).rejects.toMatchObject({
    kind: "forbidden",
  });
});
