import { afterAll, beforeAll, expect, test } from "vitest";
import { createTenant, renameTenant } from "../tenants/index.ts";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import { listAudit } from "./index.ts";

let t: ServiceTest;
beforeAll(async () => {
  t = await openServiceTest();
  const { tenantId } = await createTenant(t.owner, { name: "Bakery 100% Rye" });
  await renameTenant(t.owner, { tenantId, name: "Bakery Berlin" });
  await createTenant(t.owner, { name: "Harbour" });
});
afterAll(() => t.close());

const found = async (search: string) =>
  (await listAudit(t.owner, { search })).entries.map(({ action, subjectName }) => `${action} ${subjectName}`);

test("the audit is searched by what was done and to what, each word anywhere", async () => {
  expect(await found("bakery")).toEqual([
    expect.stringContaining("rename-tenant"),
    expect.stringContaining("create-tenant"),
  ]);
  expect(await found("RENAME bakery")).toHaveLength(1);
  expect(await found("harbour rename")).toEqual([]);
});

test("signs that mean something to a database mean nothing in a search", async () => {
  expect(await found("100%")).toHaveLength(1);
  expect(await found("_")).toEqual([]);
  expect((await found("   ")).length).toBeGreaterThan(2);
});
