import { expect, test } from "vitest";
import { splitTags, tagSchema } from "./tag.ts";

test.each([
  ["canary", "canary"],
  [" Oslo ", "oslo"],
  ["dc-2.rack_7", "dc-2.rack_7"],
  ["Tromsø", "tromsø"],
  // The same letters, put together otherwise.
  ["Mu\u0308nchen", "münchen"],
  ["x".repeat(32), "x".repeat(32)],
])("%j is the tag %j", (typed, tag) => {
  expect(tagSchema.parse(typed)).toBe(tag);
});

test.each([
  ["", "Write a tag, such as canary or oslo."],
  [
    "two words",
    "“two words” is no tag: it begins with a letter or a digit and has letters, digits, dots, dashes and underscores only.",
  ],
  [
    "-x",
    "“-x” is no tag: it begins with a letter or a digit and has letters, digits, dots, dashes and underscores only.",
  ],
  ["x".repeat(33), `The tag “${"x".repeat(32)}…” is too long; a tag has at most 32 characters.`],
])("%j is refused in a sentence", (typed, sentence) => {
  expect(tagSchema.safeParse(typed).error?.issues[0]?.message).toBe(sentence);
});

test.each(["a,b", "a\u0000b", "a\u202eb", "<b>", "../x", "a\nb"])("%j is no tag", (typed) => {
  expect(tagSchema.safeParse(typed).success).toBe(false);
});

test("several tags are written between commas or blanks", () => {
  expect(splitTags(" canary, oslo;dc-2\tcanary ")).toEqual(["canary", "oslo", "dc-2"]);
});
