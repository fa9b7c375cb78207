import { expect, test } from "vitest";
import { ConnectionOverError } from "./agent-connection.ts";
import { type Asked, apart, inGroups, UnknownOutcomeError } from "./in-groups.ts";
import type { SystemContext } from "./service-context.ts";

const ctx = {} as SystemContext;

/** Groups of words that last until they are ended; a group with a bad word fails, and of one with a lost word nobody knows. */
function openWords(rules: { groupsMax: number; lengthMax: number; weightMax?: number }) {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const say = inGroups<string, string>({
    ...rules,
    nameOf: (word) => word.slice(0, 1),
    weightOf: (word) => word.length,
    async together(asked: readonly Asked<string>[]) {
      begun.push(asked.map(({ input }) => input).join(" "));
      await new Promise<void>((resolve) => ends.push(resolve));
      if (asked.some(({ input }) => input.endsWith("!"))) throw new Error("bad word");
      if (asked.some(({ input }) => input.endsWith("~"))) throw new UnknownOutcomeError("lost word");
      return asked.map(({ input }) => {
        if (input.endsWith("+") && asked.length > 1) return apart;
        return input.endsWith("?") ? new ConnectionOverError("over") : input;
      });
    },
  });
  const endAll = async () => {
    for (const end of ends.splice(0)) end();
    for (let turns = 0; turns < 5; turns += 1) await new Promise(setImmediate);
  };
  return { say: (word: string) => say(ctx, word), begun, endAll };
}

test("what comes alone is done at once, and what comes meanwhile together", async () => {
  const { say, begun, endAll } = openWords({ groupsMax: 1, lengthMax: 3 });
  const said = ["a", "b", "c", "d", "e"].map(say);
  expect(begun).toEqual(["a"]);
  await endAll();
  expect(begun).toEqual(["a", "b c d"]);
  await endAll();
  await endAll();
  expect(await Promise.all(said)).toEqual(["a", "b", "c", "d", "e"]);
});

test("of one name the later is not begun before the earlier is done", async () => {
  const { say, begun, endAll } = openWords({ groupsMax: 2, lengthMax: 9 });
  const said = ["a1", "a2", "b1", "a3", "c1"].map(say);
  expect(begun).toEqual(["a1", "b1"]);
  await endAll();
  expect(begun.slice(2)).toEqual(["a2 c1"]);
  await endAll();
  await endAll();
  expect(await Promise.all(said)).toEqual(["a1", "a2", "b1", "a3", "c1"]);
});

test("a group holds no more than it may, and one that is larger goes alone", async () => {
  const { say, begun, endAll } = openWords({ groupsMax: 1, lengthMax: 9, weightMax: 4 });
  const said = ["a", "bbb", "ccc", "dddddd"].map(say);
  for (let rounds = 0; rounds < 4; rounds += 1) await endAll();
  expect(begun).toEqual(["a", "bbb", "ccc", "dddddd"]);
  expect(await Promise.all(said)).toHaveLength(4);
});

test("one that cannot be done, and one whose connection is over, hold up nobody else", async () => {
  const { say, endAll } = openWords({ groupsMax: 1, lengthMax: 9 });
  const said = Promise.allSettled(["a", "b", "c!", "d?", "e"].map(say));
  for (let rounds = 0; rounds < 7; rounds += 1) await endAll();
  expect((await said).map((one) => (one.status === "fulfilled" ? one.value : one.reason.message))).toEqual([
    "a",
    "b",
    "bad word",
    "over",
    "e",
  ]);
});

test("what a group leaves out is done alone after it", async () => {
  const { say, begun, endAll } = openWords({ groupsMax: 1, lengthMax: 9 });
  const said = ["a", "b", "c+", "d"].map(say);
  for (let rounds = 0; rounds < 3; rounds += 1) await endAll();
  expect(begun).toEqual(["a", "b c+ d", "c+"]);
  expect(await Promise.all(said)).toEqual(["a", "b", "c+", "d"]);
});

test("a group of which nobody knows whether it counts is not done again", async () => {
  const { say, begun, endAll } = openWords({ groupsMax: 1, lengthMax: 9 });
  const said = Promise.allSettled(["a", "b", "c~", "d"].map(say));
  for (let rounds = 0; rounds < 5; rounds += 1) await endAll();
  expect(begun).toEqual(["a", "b c~ d"]);
  expect((await said).map((one) => (one.status === "fulfilled" ? one.value : one.reason.message))).toEqual([
    "a",
    "lost word",
    "lost word",
    "lost word",
  ]);
});
