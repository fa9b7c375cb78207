import { expect, test } from "vitest";
import { openWorkLine } from "./work-line.ts";

/** A line whose looks last until they are ended. */
function openLine(atOnceMax: number) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const line = openWorkLine((serverId) => {
    begun.push(serverId);
    return new Promise((resolve) => ends.set(serverId, resolve));
  }, atOnceMax);
  const end = async (serverId: string) => {
    ends.get(serverId)?.();
    await new Promise(setImmediate);
  };
  return { line, begun, end };
}

test("servers are looked at in the order in which they were asked for, so many at once and no more", async () => {
  const { line, begun, end } = openLine(2);
  for (const serverId of ["a", "b", "c", "d"]) line.add(serverId);
  expect(begun).toEqual(["a", "b"]);
  await end("b");
  expect(begun).toEqual(["a", "b", "c"]);
  await end("a");
  await end("c");
  expect(begun).toEqual(["a", "b", "c", "d"]);
});

test("a server that stands in line is looked at once, and again when it is asked for while it is looked at", async () => {
  const { line, begun, end } = openLine(1);
  for (const serverId of ["a", "b", "b", "a"]) line.add(serverId);
  await end("a");
  await end("b");
  expect(begun).toEqual(["a", "b", "a"]);
});
