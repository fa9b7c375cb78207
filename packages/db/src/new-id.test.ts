import { expect, test } from "vitest";
import { newId } from "./new-id.ts";

test("ids made in one millisecond sort in the order they were made and carry their time", () => {
  const at = new Date("2026-11-23T20:00:00Z");
  const ids = Array.from({ length: 10_000 }, () => newId(at));
  expect([...ids].sort()).toEqual(ids);
  expect(Number.parseInt((ids[0] ?? "").replace("-", "").slice(0, 12), 16)).toBe(at.getTime());
  expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
