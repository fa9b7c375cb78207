import { expect, test } from "vitest";
import { createFormats } from "../../messages/format.ts";
import { bandText, shareText } from "./share-text.ts";

const format = createFormats("en");

test("small shares keep their first figures, and others are not rounded to all or nothing", () => {
  expect([0, 0.00012, 0.0034, 0.25, 0.997, 1].map((share) => shareText(share, format))).toEqual([
    "0 %",
    "0.012 %",
    "0.34 %",
    "25 %",
    "99.7 %",
    "100 %",
  ]);
});

test("a band says no more than the provider did", () => {
  expect(bandText({ lower: 0, upper: 0.001 }, format)).toBe("< 0.1 %");
  expect(bandText({ lower: 0.01, upper: 1 }, format)).toBe("> 1 %");
  expect(bandText({ lower: 0.001, upper: 0.003 }, format)).toBe("0.1 % – 0.3 %");
  expect(bandText({ lower: 0.002, upper: 0.002 }, format)).toBe("0.2 %");
  expect(bandText(null, format)).toBe("");
});
