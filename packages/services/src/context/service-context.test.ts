import { tenants } from "@mailstead/db";
import { makeTenant } from "@mailstead/db/factories";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import { requireOrganisationScope, requireRole, withTransaction } from "./index.ts";

let t: ServiceTest;
beforeAll(async () => {
  t = await openServiceTest();
});
afterAll(() => t.close());

test("a transaction sees its own organisation, and the connection forgets it afterwards", async () => {
  await t.makeStranger();
  const seen = await withTransaction(t.owner, (tx) => tx.select({ id: tenants.id }).from(tenants));
  expect(seen).toEqual([{ id: t.tenantId }]);
  expect(await t.database.app.query.select().from(tenants)).toEqual([]);
});

test("of two transactions that wait for each other both are done in the end", async () => {
  const other = await makeTenant(t.database.admin, { organisationId: t.organisationId });
  const ids = [t.tenantId, other.id];
  const attempts = [0, 0];
  let holding = 0;
  let release = () => {};
  const bothHold = new Promise<void>((resolve) => {
    release = resolve;
  });
  const lockBoth = (index: number) =>
    withTransaction(t.owner, async (tx) => {
      const order = index === 0 ? ids : [...ids].reverse();
      attempts[index] = (attempts[index] ?? 0) + 1;
      for (const [step, id] of order.entries()) {
        await tx.select().from(tenants).where(eq(tenants.id, id)).for("update");
        if (step > 0 || attempts[index] !== 1) continue;
        holding += 1;
        if (holding === 2) release();
        await bothHold;
      }
      return index;
    });
  expect(await Promise.all([lockBoth(0), lockBoth(1)])).toEqual([0, 1]);
  expect(Math.max(...attempts)).toBeGreaterThan(1);
});

test("a role below the needed one is refused in words", () => {
  expect(() => requireRole(t.as("auditor"), "technician")).toThrow(
    "Your role is auditor; this needs the role technician.",
  );
  requireRole(t.as("admin"), "technician");
});

test("what concerns the organisation is refused within one customer", () => {
  expect(() => requireOrganisationScope(t.as("owner", t.tenantId))).toThrow(
    "This concerns the whole organisation, not one customer.",
  );
});
