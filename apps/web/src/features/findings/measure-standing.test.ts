import { measureServersMax } from "@mailstead/core/measures";
import { expect, test } from "vitest";
import { measureStanding } from "./measure-standing.ts";

const server = { isInForce: false, hasStandby: false };

test("one click starts a measure wherever it is not in force, and a relay only where there is a standby", () => {
  const servers = [
    { ...server, id: "a" },
    { ...server, id: "b", isInForce: true, hasStandby: true },
    { ...server, id: "c", hasStandby: true },
  ];
  expect(measureStanding("back-off", servers)).toEqual({ inForce: 1, without: 0, startable: ["a", "c"] });
  expect(measureStanding("relay", servers)).toEqual({ inForce: 1, without: 1, startable: ["c"] });
});

test("one click starts it on as many servers as one call takes", () => {
  const servers = Array.from({ length: measureServersMax + 1 }, (_, n) => ({ ...server, id: String(n) }));
  expect(measureStanding("throttle", servers).startable).toHaveLength(measureServersMax);
});
