import { afterAll, expect, test } from "vitest";
import { listAudit } from "../audit/index.ts";
import { openServerTest } from "../testing/open-server-test.ts";
import { excludeServers, getRolloutPlace, includeServers } from "./index.ts";

const t = await openServerTest();
afterAll(() => t.close());
const gone = "01890000-0000-7000-8000-00000000dead";

test("many servers are left out of rollouts with a reason and an end, and changed again", async () => {
  const { serverId } = t;
  const serverIds = [serverId, gone];
  const endsAt = new Date("2026-12-01T00:00:00Z");
  expect(await excludeServers(t.as("technician"), { serverIds, reason: "Moving house", endsAt })).toEqual({
    changed: 1,
    unchanged: 0,
    gone: 1,
  });
  expect((await getRolloutPlace(t.owner, { serverId })).exclusion).toMatchObject({
    reason: "Moving house",
    endsAt,
  });
  // Said again with another reason, it is that reason.
  await excludeServers(t.owner, { serverIds, reason: "Still moving", endsAt: null });
  expect((await getRolloutPlace(t.owner, { serverId })).exclusion).toMatchObject({ reason: "Still moving" });
  expect(await includeServers(t.owner, { serverIds })).toEqual({ changed: 1, unchanged: 0, gone: 1 });
  expect(await includeServers(t.owner, { serverIds })).toEqual({ changed: 0, unchanged: 1, gone: 1 });
  expect((await getRolloutPlace(t.owner, { serverId })).exclusion).toBeNull();
  expect((await listAudit(t.owner, { action: "exclude-server" })).entries).toHaveLength(2);
  expect((await listAudit(t.owner, { action: "include-server" })).entries).toHaveLength(1);
});

test("an end that is past, and servers that are all gone, are refused", async () => {
  await expect(
    excludeServers(t.owner, { serverIds: [t.serverId], reason: "x", endsAt: new Date(0) }),
  ).rejects.toMatchObject({ kind: "invalid", field: "endsAt" });
  await expect(includeServers(t.owner, { serverIds: [gone] })).rejects.toMatchObject({ kind: "not-found" });
  await expect(
    excludeServers(await t.makeStranger(), { serverIds: [t.serverId], reason: "x", endsAt: null }),
  ).rejects.toMatchObject({ kind: "not-found" });
});
