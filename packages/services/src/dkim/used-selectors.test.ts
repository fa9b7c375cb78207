import { afterAll, expect, test } from "vitest";
import { addDomain, getDomain, removeDomain } from "../domains/index.ts";
import { addServer } from "../servers/index.ts";
import { openServerTest } from "../testing/open-server-test.ts";

const t = await openServerTest();
const { serverId, tenantId } = t;
afterAll(() => t.close());

const selectorsOf = async (ctx: typeof t.owner, domainId: string) =>
  (await getDomain(ctx, { domainId })).keys.map(({ selector }) => selector);

test("a domain that comes back gets names for its keys that none of its keys ever had, however often it left", async () => {
  for (const wanted of ["ab", "cd", "ef"]) {
    const { domainId } = await addDomain(t.owner, { tenantId, serverId, name: "restless.example" });
    expect(await selectorsOf(t.owner, domainId)).toEqual([...wanted].map((letter) => `ms202611${letter}`));
    await removeDomain(t.owner, { domainId, withdrawsRecords: false });
  }
});

test("a domain that moves to another organisation gets other names than it had, because its mail is on its way", async () => {
  const { domainId } = await addDomain(t.owner, { tenantId, serverId, name: "moved.example" });
  const stranger = await t.makeStranger();
  const theirs = await addServer(stranger, {
    tenantId: stranger.ownTenantId,
    name: "mail2",
    hostname: "mail2.other.example",
  });
  const moved = await addDomain(stranger, {
    tenantId: stranger.ownTenantId,
    serverId: theirs.serverId,
    name: "moved.example",
  });
  const before = await selectorsOf(t.owner, domainId);
  const after = await selectorsOf(stranger, moved.domainId);
  expect(after.filter((selector) => before.includes(selector))).toEqual([]);
  expect(after).toHaveLength(2);
});
