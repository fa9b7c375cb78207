import { dnsZoneWriters } from "@mailstead/db";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import { aloneInZone } from "./alone-in-zone.ts";

let t: ServiceTest;
beforeAll(async () => {
  t = await openServiceTest();
});
afterAll(() => t.close());

it("two workers never write into one zone at once, and write into two side by side", async () => {
  let inside = 0;
  let most = 0;
  const write = async () => {
    inside += 1;
    most = Math.max(most, inside);
    await aloneInZone(t.system, { zone: "other.example" }, async () => undefined);
    inside -= 1;
  };
  const once = () => aloneInZone(t.system, { zone: "a.example" }, write);
  await Promise.all([once(), once(), once()]);
  expect(most).toBe(1);
  expect(await t.database.admin.query.select().from(dnsZoneWriters)).toEqual([]);
});

it("a zone that stays busy is left alone, and one whose writer died is taken over", async () => {
  const zone = "busy.example";
  const patience = 0;
  await aloneInZone(t.system, { zone }, async () => {
    expect(await aloneInZone(t.system, { zone, patience }, async () => "written")).toBeNull();
  });
  await t.database.admin.query
    .insert(dnsZoneWriters)
    .values({ zone, writer: crypto.randomUUID(), until: sql`now() - interval '1 second'` });
  expect(await aloneInZone(t.system, { zone, patience }, async () => "written")).toBe("written");
});

it("a failure inside leaves the zone free", async () => {
  const failing = aloneInZone(t.system, { zone: "c.example" }, () => Promise.reject(new Error("no")));
  await expect(failing).rejects.toThrow("no");
  expect(await aloneInZone(t.system, { zone: "c.example", patience: 0 }, async () => 1)).toBe(1);
});
