import { makeServer, makeUser } from "@mailstead/db/factories";
import { afterAll, beforeEach, expect, test } from "vitest";
import { listAudit } from "../audit/index.ts";
import type { ServiceContext } from "../context/index.ts";
import { changeTags, renameTag } from "../tags/index.ts";
import { openServiceTest } from "../testing/service-test.ts";
import {
  listFilters,
  removeFilter,
  renameFilter,
  saveFilter,
  setDefaultFilter,
  shareFilter,
} from "./index.ts";

const t = await openServiceTest();
afterAll(() => t.close());
const mara = t.as("technician");
const colleague = await makeUser(t.database.admin, { organisationId: t.organisationId });
/** Somebody else of the organisation. */
const ola = (role: "technician" | "auditor", tenantId: string | null = null): ServiceContext => ({
  ...t.as(role, tenantId),
  actor: { kind: "user", userId: colleague.id, name: "Ola", role },
});
const list = "servers";
const save = (ctx: ServiceContext, name: string, query = "state=drift&q=mx") =>
  saveFilter(ctx, { list, name, query });
const namesOf = async (ctx: ServiceContext) => (await listFilters(ctx, { list })).map(({ name }) => name);

beforeEach(async () => {
  await t.database.admin.pool.query("delete from saved_filters");
});

test("a filter is kept under a name for the person alone, without what belongs to the moment", async () => {
  await save(mara, " Drifting ", "?q=mx&add=1&state=drift&evil=%3Cb%3E");
  expect(await listFilters(mara, { list })).toEqual([
    {
      id: expect.any(String),
      name: "Drifting",
      query: "q=mx&state=drift",
      isShared: false,
      madeBy: mara.actor.name,
      isDefault: false,
    },
  ]);
  expect(await namesOf(ola("technician"))).toEqual([]);
});

test("a filter that is shared is seen by the others, and by nobody of one customer alone", async () => {
  const { filterId } = await save(mara, "Drifting");
  await shareFilter(mara, { filterId, isShared: true });
  expect(await namesOf(ola("auditor"))).toEqual(["Drifting"]);
  expect(await namesOf(ola("technician", t.tenantId))).toEqual([]);
  expect(await namesOf(await t.makeStranger())).toEqual([]);
  await setDefaultFilter(ola("auditor"), { list, filterId });
  await shareFilter(mara, { filterId, isShared: false });
  expect(await namesOf(ola("auditor"))).toEqual([]);
  expect((await listAudit(t.owner, { action: "share-filter" })).entries[0]?.subjectName).toBe("Drifting");
});

test("what is shared is changed by technicians, and what is one's own by oneself", async () => {
  const { filterId } = await save(mara, "Drifting");
  await expect(renameFilter(ola("technician"), { filterId, name: "Mine" })).rejects.toMatchObject({
    kind: "not-found",
  });
  await shareFilter(mara, { filterId, isShared: true });
  for (const attempt of [
    () => renameFilter(ola("auditor"), { filterId, name: "Mine" }),
    () => removeFilter(ola("auditor"), { filterId }),
    () => shareFilter(ola("auditor"), { filterId, isShared: false }),
  ])
    await expect(attempt()).rejects.toMatchObject({ kind: "forbidden" });
  await renameFilter(ola("technician"), { filterId, name: "Drift" });
  expect(await namesOf(mara)).toEqual(["Drift"]);
  await removeFilter(ola("technician"), { filterId });
  expect(await namesOf(mara)).toEqual([]);
  // Somebody who may only look has filters of their own.
  const own = await save(ola("auditor"), "Own");
  await renameFilter(ola("auditor"), { filterId: own.filterId, name: "Own 2" });
  await removeFilter(ola("auditor"), { filterId: own.filterId });
});

test("one filter is the person's own beginning, until it is another or none", async () => {
  const [first, second] = [await save(mara, "First"), await save(mara, "Second")];
  const defaults = async () =>
    (await listFilters(mara, { list })).filter(({ isDefault }) => isDefault).map(({ name }) => name);
  await setDefaultFilter(mara, { list, filterId: first.filterId });
  await setDefaultFilter(mara, { list, filterId: second.filterId });
  expect(await defaults()).toEqual(["Second"]);
  await removeFilter(mara, { filterId: second.filterId });
  expect(await defaults()).toEqual([]);
  await setDefaultFilter(mara, { list, filterId: null });
  await expect(setDefaultFilter(ola("technician"), { list, filterId: first.filterId })).rejects.toMatchObject(
    { kind: "not-found" },
  );
});

test.each([
  [{ name: "  ", query: "q=x" }, "A name is missing."],
  [{ name: "x".repeat(61), query: "q=x" }, "A name has at most 60 characters."],
  [{ name: "a\nb", query: "q=x" }, "A name is one line of text."],
  [{ name: "Nothing", query: "add=1" }, "There is no filter to save. Choose one in the list first."],
  [{ name: "Long", query: "q".repeat(2001) }, "This filter is too long to be saved."],
])("%j is refused in a sentence", async (asked, message) => {
  await expect(saveFilter(mara, { list, ...asked })).rejects.toMatchObject({ kind: "invalid", message });
});

test("two filters of one person have two names, and there is an end to how many", async () => {
  await save(mara, "Drifting");
  await expect(save(mara, "drifting")).rejects.toMatchObject({ kind: "conflict", field: "name" });
  await save(ola("auditor"), "Drifting");
  for (let at = 1; at < 50; at++) await save(mara, `F${at}`);
  await expect(save(mara, "One more")).rejects.toMatchObject({
    kind: "limit-reached",
    message: "You have 50 filters, which is the most. Remove one first.",
  });
});

test("a filter follows its tag to the new name", async () => {
  const { id } = await makeServer(t.database.admin, {
    organisationId: t.organisationId,
    tenantId: t.tenantId,
    name: "followed",
    hostname: "followed.example",
  });
  await changeTags(mara, { serverIds: [id], add: ["olso"] });
  await save(mara, "Oslo", "tags=canary,olso");
  await renameTag(mara, { name: "olso", newName: "oslo" });
  expect((await listFilters(mara, { list })).map(({ query }) => query)).toEqual(["tags=canary%2Coslo"]);
});
