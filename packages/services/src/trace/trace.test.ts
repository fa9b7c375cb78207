import type { JobOutcome } from "@mailstead/core/jobs";
import { unknownFacts } from "@mailstead/core/trace";
import { auditEntries, deliveryDays, domainServers, domains, jobs, newId, servers } from "@mailstead/db";
import { makeUser } from "@mailstead/db/factories";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ServiceContext } from "../context/index.ts";
import { confidentialKeptForMs, forgetConfidentialJobs, getJob, listJobs, retryJob } from "../jobs/index.ts";
import { addServer } from "../servers/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { readTraceAnswers, startTrace } from "./index.ts";

let t: ServerTest;
let offlineId: string;
beforeAll(async () => {
  t = await openServerTest();
  const { organisationId, tenantId } = t;
  const admin = t.database.admin.query;
  offlineId = (await addServer(t.owner, { tenantId, name: "mail2", hostname: "mail2.msp.example" })).serverId;
  await admin.update(servers).set({ enrolmentState: "enrolled" });
  await connect(t.serverId);
  for (const [name, serverId] of [
    ["a.example", t.serverId],
    ["b.example", offlineId],
  ] as const) {
    const domainId = newId(t.clock.now);
    const owned = { organisationId, tenantId, createdAt: t.clock.now };
    await admin.insert(domains).values({ id: domainId, name, ...owned });
    await admin.insert(domainServers).values({ domainId, serverId, role: "home", ...owned });
  }
});
afterAll(() => t.close());
beforeEach(() => t.database.admin.query.delete(jobs));

/** The server holds a connection to a gateway. */
async function connect(serverId: string): Promise<void> {
  const gatewayId = newId(t.clock.now);
  await t.database.admin.pool.query(
    "insert into gateways (id, name, started_at, heartbeat_at) values ($1, 'g', now(), now())",
    [gatewayId],
  );
  await t.database.admin.query.update(servers).set({ gatewayId }).where(eq(servers.id, serverId));
}

const message = {
  ...unknownFacts,
  queueId: "4AAAA1",
  from: "ann@a.example",
  recipientCount: 1,
  beganAt: 1,
  endedAt: 2,
  events: [],
  eventsLeftOut: 0,
};
const found: JobOutcome = {
  kind: "succeeded",
  result: { indexBeginsAt: 0, readUntilAt: 3, messages: [message], hasMore: false, tookMs: 12 },
};
const end = (jobId: string, outcome: JobOutcome) =>
  t.database.admin.query
    .update(jobs)
    .set({ state: outcome.kind, outcome, endedAt: t.clock.now })
    .where(eq(jobs.id, jobId));
const jobRow = async (jobId: string) =>
  (await t.database.admin.query.select().from(jobs).where(eq(jobs.id, jobId)))[0];
const ask = async (ctx: ServiceContext = t.owner) => {
  const { servers: asked } = await startTrace(ctx, { criteria: { sender: "ann@a.example" } });
  return asked[0]?.jobId ?? "";
};

describe("a question", () => {
  test("goes to the servers of the domains that it names, and says which one is offline", async () => {
    const asked = await startTrace(t.owner, {
      criteria: { sender: "x@A.example", recipient: "y@b.example" },
    });
    expect(asked.leftOut).toBe(0);
    expect(asked.servers).toEqual([
      { serverId: t.serverId, serverName: "mail1", jobId: expect.any(String), lastSeenAt: null },
      { serverId: offlineId, serverName: "mail2", jobId: null, lastSeenAt: null },
    ]);
  });

  test("goes to the server that carried a domain's mail before it moved, too", async () => {
    const carried = {
      domain: "b.example",
      direction: "outbound",
      provider: "gmail",
      status: "sent",
    } as const;
    await t.database.admin.query.insert(deliveryDays).values({
      ...carried,
      ...{ organisationId: t.organisationId, tenantId: t.tenantId, serverId: t.serverId },
      ...{ startsAt: t.clock.now, sendingAddress: "198.51.100.11", category: "", latencies: {} },
      ...{ attempts: 1, firstAttempts: 1, overTls: 1, sizeBytes: 1 },
    });
    const { servers: asked } = await startTrace(t.owner, { criteria: { recipient: "y@b.example" } });
    expect(asked.map(({ serverName }) => serverName)).toEqual(["mail1", "mail2"]);
    const own = await startTrace(t.as("technician", t.tenantId), { criteria: { recipient: "y@b.example" } });
    expect((await jobRow(own.servers[0]?.jobId ?? ""))?.args).toMatchObject({
      visibleDomains: ["a.example", "b.example"],
    });
    await t.database.admin.query.delete(deliveryDays);
  });

  test("goes to every server where nothing in it is ours, and to one alone where that is wanted", async () => {
    expect((await startTrace(t.owner, { criteria: { messageId: "<1@far.example>" } })).servers).toHaveLength(
      2,
    );
    const one = await startTrace(t.owner, { serverId: t.serverId, criteria: { queueId: "4AAAA1" } });
    expect(one.servers).toHaveLength(1);
  });

  test("carries the domains of whoever may not see all, whatever the browser says", async () => {
    const jobId = await ask(t.as("technician", t.tenantId));
    expect((await jobRow(jobId))?.args).toEqual({ sender: "ann@a.example", visibleDomains: ["a.example"] });
    const forged = { criteria: { sender: "ann@a.example", visibleDomains: null } };
    const { servers: asked } = await startTrace(t.as("technician", t.tenantId), forged as never);
    expect((await jobRow(asked[0]?.jobId ?? ""))?.args).toMatchObject({ visibleDomains: ["a.example"] });
    expect((await jobRow(await ask()))?.args).toMatchObject({ visibleDomains: null });
  });

  test("leaves in the audit that it was asked, and no address", async () => {
    const jobId = await ask();
    const entries = await t.database.admin.query
      .select()
      .from(auditEntries)
      .where(eq(auditEntries.action, "trace-message"));
    expect(entries.at(-1)).toMatchObject({ subjectName: "mail1", after: { searchedBy: ["sender"], jobId } });
    expect(JSON.stringify(entries)).not.toContain("ann@");
  });

  test("is refused without anything to look for, to an auditor, and about a stranger's server", async () => {
    await expect(startTrace(t.owner, { criteria: { fromUnixMs: 1 } })).rejects.toMatchObject({
      kind: "invalid",
    });
    await expect(ask(t.as("auditor"))).rejects.toMatchObject({ kind: "forbidden" });
    const strangers = { serverId: t.serverId, criteria: { queueId: "4AAAA1" } };
    await expect(startTrace(await t.makeStranger(), strangers)).rejects.toMatchObject({ kind: "not-found" });
  });
});

describe("an answer", () => {
  test("comes as a story once the server has given it", async () => {
    const jobId = await ask();
    expect(await readTraceAnswers(t.owner, { jobIds: [jobId] })).toEqual([{ jobId, kind: "waiting" }]);
    await end(jobId, found);
    expect(await readTraceAnswers(t.owner, { jobIds: [jobId] })).toMatchObject([
      { kind: "answered", tookMs: 12, messages: [{ queueId: "4AAAA1", lines: [{ kind: "accepted" }] }] },
    ]);
  });

  test("that could not be given says why", async () => {
    const jobId = await ask();
    await end(jobId, { kind: "failed", problem: "The disk is full.", retry: "temporary" });
    expect(await readTraceAnswers(t.owner, { jobIds: [jobId] })).toEqual([
      { jobId, kind: "failed", problem: "The disk is full." },
    ]);
  });

  test("is for whoever asked: a colleague sees that there was a question, and neither what nor the answer", async () => {
    const jobId = await ask();
    await end(jobId, found);
    const { organisationId } = t;
    const colleague = await makeUser(t.database.admin, { organisationId });
    const as: ServiceContext = {
      ...t.owner,
      actor: { kind: "user", userId: colleague.id, name: colleague.name, role: "owner" },
    };
    expect(await readTraceAnswers(as, { jobIds: [jobId] })).toEqual([{ jobId, kind: "gone" }]);
    const shown = [await getJob(as, { jobId }), ...(await listJobs(as)).jobs];
    expect(JSON.stringify(shown)).not.toContain("ann@");
    expect(shown[0]).toMatchObject({ verb: "trace-message", state: "succeeded", args: {} });
    await expect(retryJob(as, { jobId })).rejects.toMatchObject({ kind: "precondition-failed" });
  });

  test("is forgotten with its question when its time is over, however the question stands", async () => {
    const [answered, lost] = [await ask(), await ask()];
    await end(answered, found);
    await t.database.admin.query.update(jobs).set({ state: "unknown" }).where(eq(jobs.id, lost));
    const before = t.clock.now;
    t.clock.now = new Date(before.getTime() + confidentialKeptForMs);
    expect(await forgetConfidentialJobs(t.system)).toBe(0);
    t.clock.now = new Date(before.getTime() + confidentialKeptForMs + 1);
    expect(await forgetConfidentialJobs(t.system)).toBe(2);
    t.clock.now = before;
    expect(await readTraceAnswers(t.owner, { jobIds: [answered] })).toEqual([
      { jobId: answered, kind: "gone" },
    ]);
  });
});
