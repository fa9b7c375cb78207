import { expect, test } from "vitest";
import { findingHref } from "./subject-href.ts";

const domain = { kind: "domain", id: "d1", name: "a.example" } as const;
const server = { kind: "server", id: "s1", name: "mx1" } as const;

test.each([
  ["reported-stranger a.example", domain, "/domains/d1/deliverability#reports"],
  ["block-list-seen-zen 192.0.2.1", server, "/servers/s1/deliverability#block-lists"],
  ["account-held", server, "/servers/s1/deliverability#accounts"],
  ["delivery-ip-reputation outlook", server, "/findings/f1"],
  ["feed-stale google", domain, "/deliverability/feeds"],
  ["record MX", domain, "/domains/d1"],
  ["anything", { kind: "zone", id: "z1", name: "a.example" } as const, "/zones/z1"],
  ["anything", { kind: "withdrawal", id: "a.example", name: "a.example" } as const, "/settings#withdrawals"],
])("a finding by the key %s leads to what shows its numbers", (key, subject, href) => {
  expect(findingHref({ id: "f1", key, subject })).toBe(href);
});
