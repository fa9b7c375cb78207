import { expect, test } from "vitest";
import { openWorkLine } from "./work-line.ts";

/** A line whose looks last until they are ended, by the first server of each. */
function openLine(max: Parameters<typeof openWorkLine>[1]) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const line = openWorkLine((serverIds) => {
    begun.push(serverIds.join(""));
    return new Promise((resolve) => ends.set(serverIds[0] ?? "", resolve));
  }, max);
  const end = async (serverId: string) => {
    ends.get(serverId)?.();
    await new Promise(setImmediate);
  };
  return { line, begun, end };
}

test("servers are looked at in the order in which they were asked for, so many at once and no more", async () => {
  const { line, begun, end } = openLine({ atOnce: 2, servers: 1 });
  for (const serverId of ["a", "b", "c", "d"]) line.add(serverId);
  expect(begun).toEqual(["a", "b"]);
  await end("b");
  expect(begun).toEqual(["a", "b", "c"]);
  await end("a");
  await end("c");
  expect(begun).toEqual(["a", "b", "c", "d"]);
});

test("servers that wait meanwhile are looked at together, so many and no more", async () => {
  const { line, begun, end } = openLine({ atOnce: 1, servers: 3 });
  for (const serverId of ["a", "b", "c", "d", "e"]) line.add(serverId);
  await end("a");
  await end("b");
  expect(begun).toEqual(["a", "bcd", "e"]);
});

test("a server that stands in line is looked at once, and again when it is asked for while it is looked at", async () => {
  const { line, begun, end } = openLine({ atOnce: 1, servers: 1 });
  for (const serverId of ["a", "b", "b", "a"]) line.add(serverId);
  await end("a");
  await end("b");
  expect(begun).toEqual(["a", "b", "a"]);
});
