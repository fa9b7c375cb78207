import { makeAgent, makeServer } from "@mailstead/db/factories";
import { afterAll, expect, test } from "vitest";
import { listAudit } from "../audit/index.ts";
import { openServerTest } from "../testing/open-server-test.ts";
import { findServerIds, installServer, orderMany, previewOrders } from "./index.ts";

const t = await openServerTest();
afterAll(() => t.close());
const { organisationId, tenantId, serverId } = t;
const technician = t.as("technician");
const gone = "01890000-0000-7000-8000-00000000dead";

test("many servers are ordered the same at once, and who cannot be asked is told by the reason", async () => {
  await installServer(t.owner, { serverId });
  const waiting = await makeServer(t.database.admin, {
    organisationId,
    tenantId,
    name: "waiting",
    hostname: "waiting.many.example",
  });
  const bare = await makeServer(t.database.admin, {
    organisationId,
    tenantId,
    name: "bare",
    hostname: "bare.many.example",
  });
  await makeAgent(t.database.admin, { organisationId, tenantId, serverId: bare.id });
  await t.database.admin.pool.query("update servers set enrolment_state = 'enrolled' where id = $1", [
    bare.id,
  ]);
  await t.database.admin.pool.query("update servers set enrolment_state = 'awaiting-agent' where id = $1", [
    waiting.id,
  ]);
  const asked = { serverIds: [serverId, waiting.id, bare.id, gone] };
  const expected = {
    begin: 0,
    wait: 1,
    gone: 1,
    refused: expect.arrayContaining([
      { because: "The agent has not called yet.", servers: 1, names: ["waiting"] },
      { because: "Not installed yet.", servers: 1, names: ["bare"] },
    ]),
  };
  const { rows: before } = await t.database.admin.pool.query("select id from jobs where verb = 'check-mail'");
  expect(await previewOrders(technician, { ...asked, order: "check-mail" })).toMatchObject(expected);
  const jobs = async () =>
    (await t.database.admin.pool.query("select server_id from jobs where verb = 'check-mail'")).rows;
  expect(await jobs()).toEqual(before);
  expect(await orderMany(technician, { ...asked, order: "check-mail" })).toMatchObject(expected);
  expect(await jobs()).toEqual([{ server_id: serverId }]);
  expect((await listAudit(t.owner, { action: "check-mail" })).entries).toHaveLength(1);
  expect(await orderMany(technician, { ...asked, order: "refresh-facts" })).toMatchObject({ wait: 2 });
  expect(await orderMany(technician, { serverIds: [serverId], order: "converge" })).toMatchObject({
    wait: 1,
    refused: [],
  });
});

test("all that match a filter are found, as far as the person may see them", async () => {
  const { servers } = await findServerIds(t.owner, { search: "many.example" });
  expect(servers.map(({ name }) => name)).toEqual(["bare", "waiting"]);
  expect((await findServerIds(await t.makeStranger())).servers).toEqual([]);
});

test("an auditor orders nothing", async () => {
  for (const ask of [orderMany, previewOrders])
    await expect(ask(t.as("auditor"), { serverIds: [serverId], order: "check-mail" })).rejects.toMatchObject({
      kind: "forbidden",
    });
});
