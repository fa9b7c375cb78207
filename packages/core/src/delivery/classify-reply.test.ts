import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { classifyReply, replyRules } from "./classify-reply.ts";

describe("each rule", () => {
  test.each(replyRules.map((rule) => [rule.id, rule] as const))("%s takes its own sample", (id, rule) => {
    expect(classifyReply(rule.sample, rule.providers?.[0] ?? null).ruleId).toBe(id);
  });
  test("has a name of its own", () => {
    expect(new Set(replyRules.map((rule) => rule.id)).size).toBe(replyRules.length);
  });
});

test("a reply that ends the message is not tried again, although its kind is", () => {
  expect(classifyReply("450 4.3.0 Internal server error", null).retry).toBe("retry");
  expect(classifyReply("550 5.3.0 Internal server error", null).retry).toBe("stop");
});

test("a reply for now strikes nobody off, although its kind does", () => {
  expect(classifyReply("450 4.1.1 <a@a.example>: User unknown", null)).toMatchObject({
    category: "unknown-user",
    retry: "retry",
  });
  expect(classifyReply("550 5.1.1 <a@a.example>: User unknown", null).retry).toBe("suppress");
});

test.each([
  ["450 4.7.1 <mail.a.example>: Helo command rejected: Host not found", "helo"],
  ["450 4.7.1 <mail>: Helo command rejected: need fully-qualified hostname", "helo"],
  [
    "Host or domain name not found. Name service error for name=a.example type=A: Host not found",
    "dns-failure",
  ],
  [
    "450 4.1.1 <a@a.example>: Recipient address rejected: unverified address: Address verification in progress",
    "greylisting",
  ],
  [
    "550 5.1.1 <a@a.example>: Recipient address rejected: undeliverable address: User unknown",
    "unknown-user",
  ],
  ["421 service not available (connection refused, too many connections)", "rate-limit"],
  ["connect to mx.a.example[192.0.2.1]:25: Connection refused", "connection"],
  ["554 5.2.0 STOREDRV.Deliver.Exception:QuotaExceededException", "mailbox-full"],
  ["550 5.7.0 Message Size Violation", "size-limit"],
])("what is said in the words of another kind is not taken for it: %s", (text, category) => {
  expect(classifyReply(text, null).category).toBe(category);
});

test("a code of Gmail's is read as Gmail means it only where Gmail said it", () => {
  expect(classifyReply("550 5.7.27 No.", "gmail").category).toBe("auth-spf");
  expect(classifyReply("550 5.7.27 No.", null).category).toBe("policy");
});

test("any text has a verdict", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(classifyReply(text, null).category).toBeTypeOf("string");
    }),
  );
});

test("a text of any length costs little and is judged by its two ends", () => {
  const began = performance.now();
  for (const filler of ["(", "5", "sender", "( "]) {
    const long = filler.repeat(1_000_000);
    expect(classifyReply(`550 5.1.1 User unknown ${long}`, null).category).toBe("unknown-user");
    expect(classifyReply(`550 ${long} User unknown`, null).category).toBe("unknown-user");
  }
  expect(performance.now() - began).toBeLessThan(5000);
});

test("a text is judged alike when it comes again, by whoever said it, and after many others", () => {
  const judge = () => [
    classifyReply("550 5.7.27 No.", "gmail"),
    classifyReply("550 5.7.27 No.", null),
    classifyReply(`550 5.1.1 User unknown ${"x".repeat(5000)}`, null),
  ];
  const first = judge();
  expect(judge()).toEqual(first);
  for (let number = 0; number < 2000; number += 1) classifyReply(`550 5.1.1 No user${number}`, null);
  expect(judge()).toEqual(first);
});
