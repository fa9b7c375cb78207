import { makeServer, makeTenant } from "@mailstead/db/factories";
import { afterAll, beforeEach, expect, test } from "vitest";
import { listAudit } from "../audit/index.ts";
import { listServers } from "../servers/index.ts";
import { openServiceTest } from "../testing/service-test.ts";
import { changeTags, listTags, removeTag, renameTag, setTags } from "./index.ts";

const t = await openServiceTest();
afterAll(() => t.close());
const { organisationId, tenantId } = t;
const technician = t.as("technician");

/** A fresh server of the customer. */
async function server(name: string, of: { tenantId: string } = { tenantId }): Promise<string> {
  const { id } = await makeServer(t.database.admin, {
    organisationId,
    ...of,
    name,
    hostname: `${name}.tags.example`,
  });
  return id;
}

async function tagsOf(serverId: string): Promise<readonly string[] | undefined> {
  return (await listServers(t.owner)).servers.find(({ id }) => id === serverId)?.tags;
}

beforeEach(async () => {
  await t.database.admin.pool.query("delete from server_tags");
});

test("tags are given to many servers and taken from them at once, with an entry in the audit for each that changed", async () => {
  const [one, two] = [await server("one"), await server("two")];
  await changeTags(technician, { serverIds: [one], add: ["canary", "old"] });
  expect(
    await changeTags(technician, { serverIds: [one, two], add: ["Canary", "oslo"], remove: ["old"] }),
  ).toEqual({ changed: 2, unchanged: 0, gone: 0 });
  expect(await tagsOf(one)).toEqual(["canary", "oslo"]);
  expect(await tagsOf(two)).toEqual(["canary", "oslo"]);
  const { entries } = await listAudit(t.owner, { action: "change-tags" });
  expect(
    entries.slice(0, 2).map(({ subjectId, before, after }) => ({ subjectId, before, after })),
  ).toContainEqual({
    subjectId: one,
    before: { tags: ["canary", "old"] },
    after: { tags: ["canary", "oslo"] },
  });
  expect(await changeTags(technician, { serverIds: [one, two], add: ["oslo"] })).toEqual({
    changed: 0,
    unchanged: 2,
    gone: 0,
  });
});

test("a server that was removed since it was chosen does not hold up the others", async () => {
  const here = await server("here");
  const gone = "01890000-0000-7000-8000-00000000dead";
  expect(await changeTags(technician, { serverIds: [here, gone], add: ["oslo"] })).toEqual({
    changed: 1,
    unchanged: 0,
    gone: 1,
  });
  await expect(changeTags(technician, { serverIds: [gone], add: ["oslo"] })).rejects.toMatchObject({
    kind: "not-found",
    message: "There is no such server.",
  });
});

test("a server has exactly the tags that it is set to", async () => {
  const id = await server("set");
  await setTags(technician, { serverId: id, tags: ["b", "A", "a"] });
  expect(await tagsOf(id)).toEqual(["a", "b"]);
  await setTags(technician, { serverId: id, tags: [] });
  expect(await tagsOf(id)).toEqual([]);
});

test("too many tags on one of many servers change none of them", async () => {
  const [full, empty] = [await server("full"), await server("empty")];
  const many = Array.from({ length: 20 }, (_, at) => `t${at}`);
  await setTags(technician, { serverId: full, tags: many });
  await expect(changeTags(technician, { serverIds: [full, empty], add: ["one-more"] })).rejects.toMatchObject(
    {
      kind: "limit-reached",
      message:
        "full would have 21 tags; a server has 20 at most. Take some from it first. Nothing was changed.",
    },
  );
  expect(await tagsOf(empty)).toEqual([]);
});

test("an organisation has only so many tags", async () => {
  for (let at = 0; at < 25; at++)
    await setTags(technician, {
      serverId: await server(`m${at}`),
      tags: Array.from({ length: 20 }, (_, n) => `t${at}-${n}`),
    });
  const last = await server("last");
  await expect(setTags(technician, { serverId: last, tags: ["new"] })).rejects.toMatchObject({
    kind: "limit-reached",
    message:
      "Your organisation would have 501 tags; 500 is the most. Remove some first. Nothing was changed.",
  });
  await setTags(technician, { serverId: last, tags: ["t0-0"] });
});

test("what is no tag is refused in a sentence", async () => {
  const id = await server("bad");
  await expect(changeTags(technician, { serverIds: [id], add: ["two words"] })).rejects.toMatchObject({
    kind: "invalid",
    message:
      "“two words” is no tag: it begins with a letter or a digit and has letters, digits, dots, dashes and underscores only.",
  });
  await expect(changeTags(technician, { serverIds: [id] })).rejects.toMatchObject({
    message: "Choose a tag to give or to take.",
  });
  await expect(changeTags(technician, { serverIds: [id], add: ["a"], remove: ["A"] })).rejects.toMatchObject({
    message: "A tag is either given or taken, not both.",
  });
});

test("tags are listed with the servers that the person may see", async () => {
  const elsewhere = await makeTenant(t.database.admin, { organisationId });
  const [mine, other] = [await server("mine"), await server("other", { tenantId: elsewhere.id })];
  await changeTags(technician, { serverIds: [mine, other], add: ["shared"] });
  await changeTags(technician, { serverIds: [other], add: ["secret"] });
  expect(await listTags(t.owner)).toEqual([
    { name: "secret", servers: 1 },
    { name: "shared", servers: 2 },
  ]);
  expect(await listTags(t.as("auditor", tenantId))).toEqual([{ name: "shared", servers: 1 }]);
  expect(await listTags(await t.makeStranger())).toEqual([]);
});

test("a tag is renamed and removed on all its servers, by people of the whole organisation", async () => {
  const [one, two] = [await server("ren1"), await server("ren2")];
  await changeTags(technician, { serverIds: [one, two], add: ["olso"] });
  await changeTags(technician, { serverIds: [one], add: ["bergen"] });
  await expect(renameTag(technician, { name: "olso", newName: "bergen" })).rejects.toMatchObject({
    kind: "conflict",
    field: "newName",
  });
  await expect(renameTag(technician, { name: "nowhere", newName: "x" })).rejects.toMatchObject({
    kind: "not-found",
    message: "No server has the tag nowhere.",
  });
  await expect(renameTag(t.as("admin", tenantId), { name: "olso", newName: "oslo" })).rejects.toMatchObject({
    kind: "forbidden",
  });
  expect(await renameTag(technician, { name: "olso", newName: "oslo" })).toEqual({ servers: 2 });
  expect(await tagsOf(one)).toEqual(["bergen", "oslo"]);
  expect(await removeTag(technician, { name: "oslo" })).toEqual({ servers: 2 });
  expect(await tagsOf(two)).toEqual([]);
});

test("an auditor changes no tag", async () => {
  const id = await server("watched");
  const auditor = t.as("auditor");
  for (const attempt of [
    () => changeTags(auditor, { serverIds: [id], add: ["x"] }),
    () => setTags(auditor, { serverId: id, tags: ["x"] }),
    () => renameTag(auditor, { name: "x", newName: "y" }),
    () => removeTag(auditor, { name: "x" }),
  ])
    await expect(attempt()).rejects.toMatchObject({ kind: "forbidden" });
});
