import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { classifyReply, replyRules } from "./classify-reply.ts";
import type { ProviderId } from "./provider.ts";
import type { ReplyCategory } from "./reply-category.ts";

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

// Lies beside the checkout, not in it.
const suitePath = resolve(import.meta.dirname, "../../../../../shared/datasets/smtp-replies/replies.jsonl");
const isHere = existsSync(suitePath);
interface Labelled {
  src: string;
  provider: string | null;
  code: string | null;
  esc: string | null;
  text: string;
  family: string;
}

describe.skipIf(!isHere)(`labelled replies${isHere ? "" : " (skipped: their file is not here)"}`, () => {
  const labelled: Labelled[] = isHere
    ? readFileSync(suitePath, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line))
    : [];
  const disagreement = (of: (reply: Labelled) => boolean) => {
    const chosen = labelled.filter(of);
    const wrong = chosen.filter((reply) => familyOf(verdictOf(reply)) !== reply.family);
    return {
      share: wrong.length / chosen.length,
      list: wrong.map((reply) => `${verdictOf(reply)}, not ${reply.family}: ${reply.text}`).join("\n"),
    };
  };
  it("agrees with Google's own table and with replies from the field in 95 of 100", () => {
    const { share, list } = disagreement(({ src }) => ["google-official", "zone-mta"].includes(src));
    expect(share, list).toBeLessThanOrEqual(0.05);
  });
  it("agrees with other people's labels in 85 of 100", () => {
    const { share, list } = disagreement(({ src }) => !["google-official", "zone-mta"].includes(src));
    expect(share, list).toBeLessThanOrEqual(0.15);
  });
});

const providerNames: Record<string, ProviderId> = {
  google: "gmail",
  microsoft: "microsoft365",
  yahooinc: "yahoo",
  apple: "apple",
  mimecast: "mimecast",
};

function verdictOf({ provider, code, esc, text }: Labelled): ReplyCategory {
  const isWhole = code !== null && text.startsWith(code);
  const reply = isWhole ? text : [code, esc, text].filter((part) => part !== null).join(" ");
  return classifyReply(reply, providerNames[provider ?? ""] ?? null).category;
}

/** The suite's families are wider than our kinds. */
function familyOf(category: ReplyCategory): string {
  const families: Partial<Record<ReplyCategory, string>> = {
    "auth-none": "authentication",
    "auth-spf": "authentication",
    "auth-dkim": "authentication",
    alignment: "authentication",
    "dmarc-missing": "authentication",
    "dmarc-policy": "authentication",
    "tls-failure": "tls-required",
    helo: "protocol",
    "ip-blocklist": "ip-reputation",
    "domain-blocklist": "domain-reputation",
    "rcpt-rate-limit": "rate-limit",
    "content-spam": "content",
    "content-virus": "content",
    expired: "connection",
    "routing-loop": "protocol",
  };
  return families[category] ?? category;
}
