import { expect, test } from "vitest";
import { runbookLink } from "./runbook-link.ts";

test.each([
  ["#rdns", { href: "#rdns", isOutside: false }],
  ["gmail.md#rate-limit", { href: "/runbooks/gmail#rate-limit", isOutside: false }],
  ["https://olcsupport.office.com/", { href: "https://olcsupport.office.com/", isOutside: true }],
  ["database.md", null],
  ["../production.md", null],
  ["javascript:alert(1)", null],
  ["http://insecure.example/", null],
  ["//elsewhere.example", null],
])("the link %s of a runbook leads to %o", (href, expected) => {
  expect(runbookLink(href)).toEqual(expected);
});
