import { auditEntries, dnsChecks, dnsPublishedRecords, domainServers, domains, newId } from "@mailstead/db";
import { makeDomain, makeServer, makeTenant } from "@mailstead/db/factories";
import { desc, eq } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withTransaction } from "../context/index.ts";
import { DnsProviderError } from "../dns/index.ts";
import { planDomainRecords } from "../domains/index.ts";
import type { ServiceTest } from "../testing/service-test.ts";
import { makeTestOpener } from "../testing/test-opener.ts";
import {
  connectDns,
  getPublication,
  listDnsConnections,
  openRecordPublisher,
  type PublishingWorker,
  planPublication,
  publishPlan,
  removeDnsConnection,
} from "./index.ts";
import {
  openPublishingWorld,
  type PublishingWorld,
  recordOf,
  settings,
  stepsIn,
  token,
} from "./publishing-world.testing.ts";
import type { TestZones } from "./zones.fixture.ts";

let t: ServiceTest;
let zones: TestZones;
let worker: PublishingWorker;
let domainId: string;
let world: PublishingWorld;
let steps: ReturnType<typeof stepsIn>;

beforeEach(async () => {
  world = await openPublishingWorld();
  ({ t, zones, worker, domainId } = world);
  steps = stepsIn(world);
});
afterEach(() => t.close());

describe("a connection", () => {
  it("is tried by the worker, and its page shows its zones and nothing of its credentials", async () => {
    await steps.connect();
    const rows = await listDnsConnections(t.owner);
    expect(rows).toMatchObject([{ label: "deSEC", state: "working", zones: ["alpha.example"] }]);
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  it("leaves its credentials in no table, and the web cannot read back what it sealed", async () => {
    await steps.connect();
    const { rows } = await t.database.admin.pool.query<{ name: string }>(
      "select tablename as name from pg_tables where schemaname = 'public'",
    );
    for (const { name } of rows) {
      const { rows: all } = await t.database.admin.pool.query(`select t::text as text from ${name} t`);
      expect(JSON.stringify(all), name).not.toContain(token);
    }
    await expect(t.database.app.pool.query("select box from dns_connections")).rejects.toThrow(
      "permission denied",
    );
  });

  it("says why it does not work, and works again once it does", async () => {
    zones.error = new DnsProviderError("bad-credentials", "deSEC does not accept the credentials.");
    await steps.connect();
    expect(await listDnsConnections(t.owner)).toMatchObject([
      { state: "failing", problem: "deSEC does not accept the credentials." },
    ]);
    zones.error = null;
    t.clock.now = new Date(t.clock.now.getTime() + 16 * 60_000);
    await steps.work();
    expect(await listDnsConnections(t.owner)).toMatchObject([{ state: "working", problem: null }]);
  });

  it("of a worker with another key must be entered again", async () => {
    await connectDns(t.owner, { label: "deSEC", settings });
    world.worker = { ...worker, opener: makeTestOpener() };
    await steps.work();
    expect(await listDnsConnections(t.owner)).toMatchObject([
      { state: "failing", problem: expect.stringContaining("enter them again") },
    ]);
  });

  it("is made and removed by admins only, under a name that no other has", async () => {
    await expect(connectDns(t.as("technician"), { label: "x", settings })).rejects.toMatchObject({
      kind: "forbidden",
    });
    const connectionId = await steps.connect();
    await expect(connectDns(t.owner, { label: "DESEC", settings })).rejects.toMatchObject({
      kind: "conflict",
    });
    await removeDnsConnection(t.owner, { connectionId });
    expect(await listDnsConnections(t.owner)).toEqual([]);
  });

  it("of one customer is not used for another's domain", async () => {
    const { organisationId } = t;
    const stranger = await t.makeStranger();
    await steps.connect("theirs", t.tenantId);
    const { id: tenantId } = await makeTenant(t.database.admin, { organisationId });
    const other = await makeDomain(t.database.admin, {
      organisationId,
      tenantId,
      name: "mail.alpha.example",
    });
    await planPublication(t.owner, { domainId: other.id });
    await steps.work();
    expect(await getPublication(t.owner, { domainId: other.id })).toMatchObject({
      state: "failed",
      problem: expect.stringContaining("No DNS connection"),
    });
    await expect(planPublication(stranger, { domainId })).rejects.toMatchObject({ kind: "not-found" });
  });
});

it("what was written for one customer is another's no more than a stranger's, and no word of theirs takes it away", async () => {
  const { organisationId } = t;
  await steps.connect();
  const { id: tenantId } = await makeTenant(t.database.admin, { organisationId });
  const neighbour = await makeServer(t.database.admin, {
    organisationId,
    tenantId,
    hostname: "mx.alpha.example",
  });
  const other = await makeDomain(t.database.admin, {
    organisationId,
    tenantId,
    name: "mx.alpha.example",
    serverId: neighbour.id,
  });
  const theirs = recordOf("mx.alpha.example", "v=spf1 ip4:192.0.2.7 -all");
  const request = { organisationId, put: [theirs], withdraw: [], reason: "test" };
  await openRecordPublisher(worker).publish({ ...request, domainId });
  await planPublication(t.owner, { domainId: other.id });
  await steps.work();
  const shown = await getPublication(t.owner, { domainId: other.id });
  const conflict = shown?.plan?.conflicts.find(({ value }) => value === theirs.value);
  expect(conflict).toMatchObject({
    sentence: expect.stringContaining("another customer"),
    isReserved: true,
  });
  const { name, type, value } = theirs;
  await publishPlan(t.owner, { publicationId: shown?.id ?? "", allowed: [{ name, type, value }] });
  await steps.work();
  expect(zones.lines()).toContain(`${name} TXT ${value}`);
  // A server's TLSA record is noted for whose zone its name lies in, and the roll-over takes it away all the same.
  const tlsa = recordOf("_25._tcp.mx.alpha.example", `3 1 1 ${"ab".repeat(32)}`, "TLSA");
  await openRecordPublisher(worker).publish({ ...request, domainId: other.id, put: [tlsa] });
  expect(
    await openRecordPublisher(worker).publish({ ...request, domainId, put: [], withdraw: [tlsa] }),
  ).toEqual({ kind: "published", changes: 1 });
});

describe("a publication", () => {
  beforeEach(() => steps.connect());

  it("shows what it would write, and writes it once somebody says so", async () => {
    zones.put("alpha.example TXT site=1");
    const { state, plan: before } = await steps.plan();
    expect(state).toBe("planned");
    expect(before?.zones[0]?.changes).toContainEqual(
      expect.objectContaining({ type: "TXT", before: ["site=1"], after: ["site=1", "v=spf1 mx -all"] }),
    );
    expect(zones.writes).toBe(0);

    expect(await steps.publish()).toMatchObject({ state: "published", problem: null });
    expect(zones.lines()).toEqual(
      expect.arrayContaining([
        "alpha.example MX 10 mail.alpha.example",
        "alpha.example TXT site=1",
        "alpha.example TXT v=spf1 mx -all",
      ]),
    );
    const [entry] = await t.database.admin.query
      .select()
      .from(auditEntries)
      .where(eq(auditEntries.action, "publish-records"))
      .orderBy(desc(auditEntries.at));
    expect(entry).toMatchObject({
      actorId: t.userId,
      before: { records: expect.arrayContaining(["alpha.example TXT site=1"]) },
      after: { records: expect.arrayContaining(["alpha.example TXT v=spf1 mx -all"]) },
    });
    const [domain] = await t.database.admin.query.select().from(domains).where(eq(domains.id, domainId));
    expect(domain?.nextCheckAt).toEqual(t.clock.now);

    expect((await steps.plan()).plan).toMatchObject({ zones: [], conflicts: [] });
    await steps.publish();
    expect(zones.writes).toBe(1);
  });

  it("leaves a foreign record alone until a person names exactly that one", async () => {
    zones.put("alpha.example TXT v=spf1 include:other.example ~all", "alpha.example MX 5 old.example");
    expect((await steps.plan()).plan?.conflicts).toMatchObject([
      { type: "MX", value: "5 old.example" },
      { type: "TXT", value: "v=spf1 include:other.example ~all" },
    ]);
    await steps.publish([{ name: "alpha.example", type: "MX", value: "5 old.example" }]);
    expect(zones.lines()).toContain("alpha.example TXT v=spf1 include:other.example ~all");
    expect(zones.lines().filter((line) => line.includes(" MX "))).toEqual([
      "alpha.example MX 10 mail.alpha.example",
    ]);
  });

  it("keeps the MX record of a server back until that knows the domain", async () => {
    const { organisationId, tenantId } = t;
    const hostname = "backup.alpha.example";
    const backup = await makeServer(t.database.admin, { organisationId, tenantId, hostname });
    await t.database.admin.query.insert(domainServers).values({
      ...{ organisationId, tenantId, domainId },
      serverId: backup.id,
      role: "backup-mx",
      createdAt: t.clock.now,
    });
    const mx = () => zones.lines().filter((line) => line.includes(" MX "));
    await steps.plan();
    await steps.publish();
    expect(mx()).toEqual(["alpha.example MX 10 mail.alpha.example"]);
    await t.database.admin.pool.query(
      `update target_states set document = jsonb_set(document::jsonb, '{domains}', '[{"name":"alpha.example"}]')::text
       where server_id = $1`,
      [backup.id],
    );
    await t.database.admin.pool.query("update servers set applied_revision = 1 where id = $1", [backup.id]);
    await steps.plan();
    await steps.publish();
    expect(mx()).toContain(`alpha.example MX 20 ${hostname}`);
  });

  const checked = (kind: "ok" | "different", readyValue?: string) =>
    withTransaction(t.owner, async (tx) => {
      const { records } = await planDomainRecords(tx, { id: domainId, name: "alpha.example" });
      const spf = records.find(({ purpose }) => purpose === "spf") ?? expect.fail("no SPF record is planned");
      const verdict = {
        kind,
        sentence: "",
        answers: [],
        ...(readyValue === undefined ? {} : { readyValue }),
      };
      const report = { kind: "checked", records: [{ record: spf, verdict }] };
      const { organisationId, tenantId } = t;
      const checkedAt = new Date(t.clock.now.getTime() + (kind === "ok" ? 1000 : 0));
      await tx
        .insert(dnsChecks)
        .values({ id: newId(checkedAt), organisationId, tenantId, domainId, checkedAt, report });
    });

  it("keeps the SPF record that it joined with what others need, once the world finds it right", async () => {
    const foreign = "v=spf1 include:other.example ~all";
    const joined = "v=spf1 mx include:other.example ~all";
    zones.put(`alpha.example TXT ${foreign}`);
    await checked("different", joined);
    await steps.plan();
    await steps.publish([{ name: "alpha.example", type: "TXT", value: foreign }]);
    expect(zones.lines()).toContain(`alpha.example TXT ${joined}`);
    await checked("ok");
    expect((await steps.plan()).plan).toMatchObject({ zones: [], conflicts: [] });
  });

  it("withdraws what we wrote for a server that was given up, but nothing under the name of a server", async () => {
    await steps.plan();
    await steps.publish();
    const { organisationId, tenantId } = t;
    const next = await makeServer(t.database.admin, {
      organisationId,
      tenantId,
      hostname: "new.alpha.example",
    });
    await t.database.admin.pool.query("update domain_servers set server_id = $1 where domain_id = $2", [
      next.id,
      domainId,
    ]);
    await steps.plan();
    await steps.publish();
    const lines = zones.lines();
    expect(lines.filter((line) => line.includes(" MX "))).toEqual(["alpha.example MX 10 new.alpha.example"]);
    expect(lines).toContain("mail.alpha.example TXT v=spf1 a -all");
  });

  it("writes nothing when the zone has changed since it was shown, and shows it anew", async () => {
    await steps.plan();
    zones.put("alpha.example TXT new=1");
    expect(await steps.publish()).toMatchObject({ state: "planned", hasChangedMeanwhile: true });
    expect(zones.writes).toBe(0);
    expect(await steps.publish()).toMatchObject({ state: "published", hasChangedMeanwhile: false });
  });

  it("says what is still open after half a success, and finishes it the next time", async () => {
    await steps.plan();
    zones.writesOnly = 1;
    zones.writeError = new DnsProviderError("provider-failed", "deSEC failed (500).");
    const half = await steps.publish();
    expect(half).toMatchObject({
      state: "failed",
      isProblemTemporary: true,
      problem: expect.stringMatching(
        /^Only a part was written into alpha\.example .*still open: .*deSEC failed/,
      ),
    });
    await steps.plan();
    expect(await steps.publish()).toMatchObject({ state: "published" });
  });

  it("counts as done when only the answer was lost", async () => {
    await steps.plan();
    zones.writeError = new DnsProviderError("unreachable", "deSEC did not answer within 20 s.");
    expect(await steps.publish()).toMatchObject({ state: "published" });
  });

  it.each([
    ["rate-limited", true],
    ["not-allowed", false],
  ] as const)("that fails as %s says whether trying again helps", async (problem, isProblemTemporary) => {
    await steps.plan();
    zones.writesOnly = 0;
    zones.writeError = new DnsProviderError(problem, "No.");
    expect(await steps.publish()).toMatchObject({ state: "failed", problem: "No.", isProblemTemporary });
    expect(await t.database.admin.query.select().from(dnsPublishedRecords)).toEqual([]);
  });

  it("that may still be carried out after silence leaves no record behind that is not known as ours", async () => {
    await steps.plan();
    zones.writesOnly = 0;
    zones.writeError = new DnsProviderError("unreachable", "deSEC did not answer within 20 s.");
    expect(await steps.publish()).toMatchObject({ state: "failed", isProblemTemporary: true });
    const noted = await t.database.admin.query.select().from(dnsPublishedRecords);
    expect(noted.map(({ name }) => name)).toContain("alpha.example");
    await steps.plan();
    expect(await steps.publish()).toMatchObject({ state: "published" });
  });

  it("of which the worker died is taken up by the next", async () => {
    await planPublication(t.owner, { domainId });
    await t.database.admin.pool.query(
      "update dns_publications set claimed_until = $1::timestamptz + interval '5 minutes'",
      [t.clock.now],
    );
    await steps.work();
    expect((await steps.shown()).state).toBe("planning");
    t.clock.now = new Date(t.clock.now.getTime() + 6 * 60_000);
    await steps.work();
    expect((await steps.shown()).state).toBe("planned");
  });

  it("is for technicians and better, and is confirmed once", async () => {
    await expect(planPublication(t.as("auditor"), { domainId })).rejects.toMatchObject({ kind: "forbidden" });
    const { id: publicationId } = await steps.plan();
    await publishPlan(t.owner, { publicationId });
    await expect(publishPlan(t.owner, { publicationId })).rejects.toMatchObject({ kind: "conflict" });
  });

  it("names what no connection reaches for a person to copy", async () => {
    const { organisationId, tenantId } = t;
    const server = await makeServer(t.database.admin, {
      organisationId,
      tenantId,
      hostname: "mx.elsewhere.test",
    });
    const other = await makeDomain(t.database.admin, {
      organisationId,
      tenantId,
      name: "beta.alpha.example",
      serverId: server.id,
    });
    await planPublication(t.owner, { domainId: other.id });
    await steps.work();
    const publication = await getPublication(t.owner, { domainId: other.id });
    expect(publication?.plan?.byHand).toContainEqual(
      expect.objectContaining({ name: "mx.elsewhere.test", type: "TXT" }),
    );
  });
});
