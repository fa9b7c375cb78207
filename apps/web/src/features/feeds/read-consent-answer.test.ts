import { expect, test } from "vitest";
import { readConsentAnswer } from "./read-consent-answer.ts";

test.each([
  ["state=s&code=4%2F0abc&scope=openid%20email&authuser=0&prompt=consent", { state: "s", code: "4/0abc" }],
  ["error=access_denied&state=s", { state: "s", error: "access_denied" }],
  ["", { state: "none" }],
  ["state=&code=", { state: "none" }],
])("of %s what Google means is read", (query, answer) => {
  expect(readConsentAnswer(new URLSearchParams(query))).toEqual(answer);
});
