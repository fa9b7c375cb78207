import { expect, test } from "vitest";
import { renameUnderPolicyProblem } from "./rename-under-policy.ts";

const policy = (mode: string, ...mx: string[]) =>
  ["version: STSv1", `mode: ${mode}`, ...mx.map((host) => `mx: ${host}`), "max_age: 604800"].join("\r\n");
const host = { domain: "a.example", hostname: "mx2.msp.example", mode: "none", seenText: null } as const;

test.each([
  ["a domain without a policy", {}, null],
  ["a policy in testing", { mode: "testing", seenText: policy("testing", "mx1.msp.example") }, null],
  ["an enforced policy", { mode: "enforce" }, /take it to testing/],
  [
    "a policy that is in testing here and enforced in the world",
    { mode: "testing", seenText: policy("enforce", "mx1.msp.example") },
    /Senders still find/,
  ],
  [
    "a policy of others that is enforced",
    { seenText: policy("enforce", "mx1.msp.example") },
    /without mx2\.msp\.example/,
  ],
  ["a policy that has the new name", { seenText: policy("enforce", "*.msp.example") }, null],
  ["a text that is no policy", { seenText: "hello" }, null],
] as const)("%s decides whether a mail host may get another name", (_title, changed, expected) => {
  const problem = renameUnderPolicyProblem({ ...host, ...changed });
  if (expected === null) expect(problem).toBeNull();
  else expect(problem).toMatch(expected);
});
