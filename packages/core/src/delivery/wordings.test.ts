import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { classifyReply } from "./classify-reply.ts";
import type { ReplyCategory } from "./reply-category.ts";

// Each line a family and a wording, made up by us after what servers of many kinds say, and not taken from any of them.
const wordings = readFileSync(resolve(import.meta.dirname, "golden/wordings.tsv"), "utf8")
  .trim()
  .split("\n")
  .map((line) => line.split("\t") as [family: string, text: string]);

/** Kinds that a family is made of, where it is not a kind itself. */
const kindsOf: Readonly<Record<string, readonly ReplyCategory[]>> = {
  authentication: ["auth-none", "auth-spf", "auth-dkim", "alignment", "dmarc-missing", "dmarc-policy"],
  connection: ["connection", "expired", "routing-loop"],
  content: ["content-spam", "content-virus"],
  "ip-reputation": ["ip-reputation", "ip-blocklist"],
  protocol: ["protocol", "helo"],
  "rate-limit": ["rate-limit", "rcpt-rate-limit"],
  "tls-required": ["tls-required", "tls-failure"],
};

test("what servers say in many ways is understood in 95 of 100", () => {
  const wrong = wordings.filter(([family, text]) => {
    const kinds: readonly string[] = kindsOf[family] ?? [family];
    return !kinds.includes(classifyReply(text, null).category);
  });
  const list = wrong.map(([family, text]) => `${classifyReply(text, null).ruleId}, not ${family}: ${text}`);
  expect(wrong.length / wordings.length, list.join("\n")).toBeLessThanOrEqual(0.05);
});

test("case, line breaks and the host's name make no difference", () => {
  for (const [, text] of wordings) {
    const { category } = classifyReply(text, null);
    expect(classifyReply(text.replaceAll(" ", "\r\n "), null).category, text).toBe(category);
    expect(classifyReply(text.replaceAll("b.example", "other.example.org"), null).category, text).toBe(
      category,
    );
  }
});
