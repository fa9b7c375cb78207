import { auditEntries, dkimKeys, leftDkimKeys, timeKept } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { afterAll, expect, test } from "vitest";
import { addDomain, removeDomain } from "../domains/index.ts";
import { getTargetState, recordObserved } from "../servers/index.ts";
import { openServerTest } from "../testing/open-server-test.ts";
import { destroyLeftKeys } from "./index.ts";

const dayMs = 86_400_000;
const t = await openServerTest();
const { serverId, tenantId } = t;
afterAll(() => t.close());

const add = (name: string) => addDomain(t.owner, { tenantId, serverId, name });
const destroy = () => destroyLeftKeys(t.system, { app: t.database.app, installation: t.installation });
const target = async () => (await getTargetState(t.owner, { serverId })).state;
const noted = () => t.database.admin.query.select().from(leftDkimKeys);
const pass = (ms: number) => {
  t.clock.now = new Date(t.clock.now.getTime() + ms);
};

test("private keys of a domain that was removed are destroyed by name a week later, and forgotten once that was applied", async () => {
  const { domainId } = await add("gone.example");
  await removeDomain(t.owner, { domainId });
  pass(6 * dayMs);
  expect(await destroy()).toEqual({ told: [], failed: [] });
  expect((await target()).destroyedKeys).toBeUndefined();
  pass(dayMs);
  const keys = ["ms202611a._domainkey.gone.example", "ms202611b._domainkey.gone.example"];
  expect(await destroy()).toEqual({ told: [{ serverId, keys }], failed: [] });
  const { revision, destroyedKeys } = await target();
  expect(destroyedKeys).toEqual([
    { domain: "gone.example", selector: "ms202611a" },
    { domain: "gone.example", selector: "ms202611b" },
  ]);
  const [entry] = await t.database.admin.query
    .select()
    .from(auditEntries)
    .where(eq(auditEntries.action, "destroy-left-dkim-keys"));
  expect(entry).toMatchObject({ subjectKind: "server", after: { keys } });
  // Nothing is told twice.
  await destroy();
  expect((await target()).revision).toBe(revision);
  expect(await noted()).toHaveLength(2);
  const directory = { epoch: 1, revision: 1 };
  await recordObserved(t.gateway, {
    serverId,
    report: { targetRevision: revision, drift: [], dkimPublicKeys: [], directory },
  });
  await destroy();
  expect(await noted()).toEqual([]);
});

test("a domain that comes back keeps its new keys, and its former ones are destroyed all the same", async () => {
  const { domainId } = await add("again.example");
  await removeDomain(t.owner, { domainId });
  await add("again.example");
  pass(8 * dayMs);
  await destroy();
  const { domains, destroyedKeys = [] } = await target();
  const kept = domains.find(({ name }) => name === "again.example")?.dkimKeys ?? [];
  expect(kept.map(({ selector }) => selector)).toEqual(["ms202611c", "ms202611d"]);
  expect(destroyedKeys.filter(({ domain }) => domain === "again.example")).toEqual([
    { domain: "again.example", selector: "ms202611a" },
    { domain: "again.example", selector: "ms202611b" },
  ]);
});

const note = (domainName: string, selector: string) =>
  t.database.admin.query.insert(leftDkimKeys).values({
    organisationId: t.organisationId,
    tenantId,
    serverId,
    domainName,
    selector,
    destroyFrom: t.clock.now,
    createdAt: t.clock.now,
  });

test("a key that the target state has is never named, whatever was noted", async () => {
  await add("living.example");
  const { domains } = await target();
  const [key] = domains.find(({ name }) => name === "living.example")?.dkimKeys ?? [];
  // Nothing but the target state speaks for it.
  await t.database.admin.query.delete(dkimKeys).where(eq(dkimKeys.selector, key?.selector ?? ""));
  await note("living.example", key?.selector ?? "");
  expect((await destroy()).told).toEqual([]);
  expect((await target()).destroyedKeys?.map(({ domain }) => domain)).not.toContain("living.example");
});

test("a key that a rotation may go back to is not named before it is revoked", async () => {
  const { domainId } = await add("needed.example");
  const [id, selector] = [crypto.randomUUID(), "ms202601a"];
  const { organisationId } = t;
  const of = { id, organisationId, tenantId, domainId, serverId, createdAt: t.clock.now };
  await t.database.admin.query
    .insert(dkimKeys)
    .values({ ...of, selector, algorithm: "ed25519", state: "retiring" });
  await note("needed.example", selector);
  expect((await destroy()).told).toEqual([]);
  await t.database.admin.query.update(dkimKeys).set({ state: "revoked" }).where(eq(dkimKeys.id, id));
  expect((await destroy()).told).toEqual([{ serverId, keys: ["ms202601a._domainkey.needed.example"] }]);
});

test("while the clocks disagree nothing is destroyed", async () => {
  const { domainId } = await add("unsure.example");
  await removeDomain(t.owner, { domainId });
  const now = { workerAt: t.clock.now, databaseAt: t.clock.now };
  await t.database.admin.query.insert(timeKept).values({ ...now, skewMs: 8 * dayMs });
  pass(8 * dayMs);
  expect((await destroy()).told).toEqual([]);
  await t.database.admin.query.delete(timeKept);
  expect((await destroy()).told).toHaveLength(1);
});
