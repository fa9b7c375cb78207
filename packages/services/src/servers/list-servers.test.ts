import { randomUUID } from "node:crypto";
import { makeServer, makeTenant } from "@mailstead/db/factories";
import { sql } from "drizzle-orm";
import { afterAll, expect, test } from "vitest";
import { openServerTest } from "../testing/open-server-test.ts";
import { addServer, findVisibleServers, listServers, removeServer } from "./index.ts";

const t = await openServerTest({ hasAgent: false });
const { serverId } = t;
afterAll(() => t.close());

test("of many servers only those that the person may see are found, in one question", async () => {
  const elsewhere = await makeTenant(t.database.admin, { organisationId: t.organisationId });
  const stranger = await t.makeStranger();
  const asked = { serverIds: [serverId, ...Array.from({ length: 10_000 }, () => randomUUID())] };
  expect(await findVisibleServers(t.owner, asked)).toEqual(new Set([serverId]));
  expect(await findVisibleServers(t.as("auditor", t.tenantId), asked)).toEqual(new Set([serverId]));
  expect(await findVisibleServers(t.as("auditor", elsewhere.id), asked)).toEqual(new Set());
  expect(await findVisibleServers(stranger, asked)).toEqual(new Set());
});

test("lists are searched, filtered, sorted and paged", async () => {
  const acme = await makeTenant(t.database.admin, { organisationId: t.organisationId, name: "Acme GmbH" });
  for (const name of ["zeta", "eta"])
    await addServer(t.owner, { tenantId: acme.id, name, hostname: `${name}.acme.example` });
  const found = await listServers(t.owner, { search: "ACME eta", sort: "name" });
  expect(found.servers.map((server) => server.name)).toEqual(["eta", "zeta"]);
  const first = await listServers(t.owner, { tenantId: acme.id, limit: 1, isDescending: true });
  expect(first).toMatchObject({ total: 2, servers: [{ name: "zeta" }] });
  const second = await listServers(t.owner, {
    tenantId: acme.id,
    limit: 1,
    isDescending: true,
    cursor: first.nextCursor ?? "",
  });
  expect(second).toMatchObject({ servers: [{ name: "eta" }], nextCursor: null });
  expect((await listServers(t.owner, { state: "healthy", tenantId: acme.id })).total).toBe(0);
  await expect(listServers(t.owner, { cursor: "no place" })).rejects.toMatchObject({ kind: "invalid" });
});

test("servers are sorted by what waits in their mail queues, those that told nothing last", async () => {
  const { id: tenantId } = await makeTenant(t.database.admin, { organisationId: t.organisationId });
  for (const [name, queueSizeMessages] of [
    ["short", 3],
    ["silent", null],
    ["long", 4100],
    ["empty", 0],
  ] as const) {
    const { id } = await makeServer(t.database.admin, {
      organisationId: t.organisationId,
      tenantId,
      name,
      hostname: `${name}.queue.example`,
    });
    if (queueSizeMessages === null) continue;
    await t.database.admin.query.execute(
      sql`update servers set facts = jsonb_build_object('queueSizeMessages', ${queueSizeMessages}::integer) where id = ${id}`,
    );
  }
  const { servers } = await listServers(t.owner, { tenantId, sort: "queue", isDescending: true });
  expect(servers.map(({ name }) => name)).toEqual(["long", "short", "empty", "silent"]);
});

test("a list goes on where it stood although the last row seen has been removed since", async () => {
  const { id: tenantId } = await makeTenant(t.database.admin, { organisationId: t.organisationId });
  const made: string[] = [];
  for (const name of ["one", "three", "two"])
    made.push(
      (
        await makeServer(t.database.admin, {
          organisationId: t.organisationId,
          tenantId,
          name,
          hostname: `${name}.paged.example`,
        })
      ).id,
    );
  const first = await listServers(t.owner, { tenantId, limit: 2 });
  await removeServer(t.owner, { serverId: made[1] ?? "" });
  const second = await listServers(t.owner, { tenantId, limit: 2, cursor: first.nextCursor ?? "" });
  expect(second.servers.map(({ name }) => name)).toEqual(["two"]);
});
