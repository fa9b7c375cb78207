import { auditEntries } from "@mailstead/db";
import { inArray } from "drizzle-orm";
import { afterAll, expect, test } from "vitest";
import { openServerTest } from "../testing/open-server-test.ts";
import { changeStackSettings, endTlsExceptions, getTargetState, setTlsExceptions } from "./index.ts";

const t = await openServerTest({ name: "exceptions" });
const { serverId } = t;
afterAll(() => t.close());

const exception = {
  domain: "partner.example",
  reason: "Their policy names a dead host",
  until: "2026-11-30",
};
const later = { domain: "other.example", reason: "Until their renewal", until: "2027-01-10" };
const set = (...exceptions: (typeof exception)[]) => setTlsExceptions(t.owner, { serverId, exceptions });
const standing = async () => (await getTargetState(t.owner, { serverId })).state.tlsExceptions;
const end = () => endTlsExceptions(t.system, { app: t.database.app, installation: t.installation });

test("an exception stands in the target state and the audit, and ends by itself after its last day", async () => {
  await set({ ...exception, domain: "Partner.Example." }, later);
  expect(await standing()).toEqual([exception, later]);
  expect(await end()).toEqual({ ended: [], failed: [] });
  t.clock.now = new Date("2026-12-01T00:00:00Z");
  expect(await end()).toEqual({ ended: [{ serverId }], failed: [] });
  expect(await standing()).toEqual([later]);
  expect(await end()).toEqual({ ended: [], failed: [] });
  const audit = await t.database.admin.query
    .select()
    .from(auditEntries)
    .where(inArray(auditEntries.action, ["set-tls-exceptions", "end-tls-exceptions"]))
    .orderBy(auditEntries.at);
  expect(audit).toMatchObject([
    { actorName: t.owner.actor.name, after: { exceptions: [exception, later] } },
    { actorName: "worker", before: { exceptions: [exception, later] }, after: { exceptions: [later] } },
  ]);
});

test.each([
  [{ until: "2026-11-19" }, /The exception for partner\.example ended on 2026-11-19; take it out\./],
  [{ until: "2027-06-01" }, /for more than 90 days; end it by 2027-03-01/],
  [{ reason: "" }, /An exception needs a reason/],
  [{ domain: "partner" }, /at least two parts/],
])("%j is refused in words that say what to do", async (change, message) => {
  t.clock.now = new Date("2026-12-01T00:00:00Z");
  await expect(set({ ...exception, until: "2026-12-05", ...change })).rejects.toMatchObject({
    kind: "invalid",
    message: expect.stringMatching(message),
  });
});

test("only technicians lessen what is demanded, and strangers find no server", async () => {
  const input = { serverId, exceptions: [] };
  await expect(setTlsExceptions(t.as("auditor"), input)).rejects.toMatchObject({ kind: "forbidden" });
  await expect(setTlsExceptions(await t.makeStranger(), input)).rejects.toMatchObject({ kind: "not-found" });
});

test("resolvers to ask are named and taken out again, and none of the host's own", async () => {
  const change = (dnsForwarders: string[]) =>
    changeStackSettings(t.owner, { serverId, settings: { dnsForwarders } });
  const named = async () => (await getTargetState(t.owner, { serverId })).state.stack.dnsForwarders;
  await change(["192.0.2.53", "2001:db8::53"]);
  await changeStackSettings(t.owner, { serverId, settings: { hasVirusScan: true } });
  expect(await named()).toEqual(["192.0.2.53", "2001:db8::53"]);
  await expect(change(["127.0.0.1"])).rejects.toMatchObject({
    kind: "invalid",
    message: expect.stringMatching(/"127\.0\.0\.1" leads to no other host/),
  });
  await change([]);
  expect(await named()).toEqual([]);
});
