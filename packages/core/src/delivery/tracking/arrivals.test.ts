import { expect, test } from "vitest";
import { arrivalsMin, createArrivals } from "./arrivals.ts";

test("the last arrivals are known by their queue id in any instance, and a bounded number of them", () => {
  const arrivals = createArrivals();
  arrivals.note("postfix-in/4A1B2C3D4E", "127.0.0.1");
  for (let number = 1; number < arrivalsMin; number += 1) arrivals.note(`A${number}`, null);
  expect(arrivals.addressOf("4A1B2C3D4E")).toBe("127.0.0.1");
  expect(arrivals.addressOf("A1")).toBeNull();
  expect(arrivals.addressOf("B1")).toBeUndefined();
  for (let number = 0; number < 10 * arrivalsMin; number += 1) arrivals.note(`B${number}`, "::1");
  expect(arrivals.addressOf("4A1B2C3D4E")).toBeUndefined();
  expect(arrivals.read().length).toBeLessThanOrEqual(2 * arrivalsMin);
});

test("a queue id that is used again is of the last that came", () => {
  const arrivals = createArrivals([["A1", "127.0.0.1"]]);
  arrivals.note("A1", "192.0.2.1");
  expect(arrivals.addressOf("A1")).toBe("192.0.2.1");
  expect(createArrivals(arrivals.read()).addressOf("A1")).toBe("192.0.2.1");
});

test("what was kept is known on", () => {
  const arrivals = createArrivals();
  arrivals.note("A1", "127.0.0.1");
  expect(createArrivals(arrivals.read()).addressOf("A1")).toBe("127.0.0.1");
});
