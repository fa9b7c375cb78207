import { describe, expect, test } from "vitest";
import { bounceRules } from "./bounce-rules/index.ts";
import { classifyBounce } from "./classify-bounce.ts";
import { findReply } from "./reply-in-words.ts";

const rules = [...bounceRules.before, ...bounceRules.after, ...bounceRules.vague];

describe("each rule", () => {
  test.each(rules.map((rule) => [rule.id, rule] as const))("%s takes its own sample", (id, { sample }) => {
    const facts = { words: sample, status: null, remoteMta: null, stage: null, subject: "" };
    expect(classifyBounce({ reply: findReply(sample), ...facts }).ruleId).toBe(id);
  });
  test("has a name of its own", () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  });
});
