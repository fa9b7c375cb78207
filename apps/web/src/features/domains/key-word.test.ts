import { expect, test } from "vitest";
import { keyWord } from "./key-word.ts";

test.each([
  ["that its host has still to make", { isMade: false, state: "waiting" }, "not-made"],
  ["that waits to be seen", { isMade: true, state: "waiting" }, "waiting"],
  ["that signs", { isMade: true, state: "signing" }, "signing"],
  ["that went with its machine", { isMade: false, state: "retiring" }, "retiring"],
] as const)("a key %s is called so", (_which, key, word) => {
  expect(keyWord(key)).toBe(word);
});
