import { expect, test } from "vitest";
import { dayWords, momentMark, plainMoments, textParts } from "./moments.ts";

const at = new Date("2026-11-20T10:05:00Z");

test("a text comes apart into words and moments, and is whole again", () => {
  const text = `first ${momentMark(at)}, last ${momentMark(at.getTime() + 60_000)}`;
  expect(textParts(text)).toEqual(["first ", at, ", last ", new Date("2026-11-20T10:06:00Z")]);
  expect(plainMoments(text)).toBe("first 20 November 2026, 10:05 UTC, last 20 November 2026, 10:06 UTC");
});

test("what looks like a mark and is none is left as it stands", () => {
  for (const text of ["", "plain", "{at:}", "{at:x}", "at:1763632800000"])
    expect(plainMoments(text)).toBe(text);
});

test("a day is written as people write it", () => {
  expect(dayWords(at)).toBe("20 November 2026");
});
