import { defaultRolloutSettings } from "@mailstead/core/rollouts";
import { expect, test } from "vitest";
import { type NewRollout, readForm, readNewRollout } from "./new-rollout.ts";

const from = (query: string) => readNewRollout(new URLSearchParams(query));
const custom = (changed: Partial<NewRollout["custom"]>): NewRollout => {
  const form = from("");
  return { ...form, pace: "custom", custom: { ...form.custom, ...changed } };
};

test("an address that names source packages presets them, so that an advisory leads to what it would touch", () => {
  expect(readForm(from("sources=openssl,libssl3"))).toEqual({
    input: {
      choice: { kind: "sources", sourceNames: ["openssl", "libssl3"] },
      settings: defaultRolloutSettings,
    },
    problems: [],
  });
});

test("without anything in the address it is security updates for all, and what is no id is left out", () => {
  expect(readForm(from("customers=nobody&servers=x&what=everything")).input).toEqual({
    choice: { kind: "security" },
    settings: defaultRolloutSettings,
  });
});

test("an address names tags of servers that are meant and of those that are left out", () => {
  expect(readForm(from("tags=oslo,canary&without=delicate")).input).toEqual({
    choice: { kind: "security" },
    settings: defaultRolloutSettings,
    tags: ["oslo", "canary"],
    exceptTags: ["delicate"],
  });
});

test("waves of one's own are read as percents, with all that goes with them", () => {
  const { input } = readForm(custom({ shares: "10 %, 50, 100", bakeMinutes: "30", needsApproval: true }));
  expect(input?.settings.waves).toEqual([
    { share: 0.1, bakeTimeMs: 1_800_000, needsApproval: true },
    { share: 0.5, bakeTimeMs: 1_800_000, needsApproval: true },
    { share: 1, bakeTimeMs: 1_800_000, needsApproval: true },
  ]);
});

test.each([
  [custom({ shares: "50 25 100" }), "shares"],
  [custom({ shares: "5 25" }), "shares"],
  [custom({ shares: "" }), "shares"],
  [custom({ shares: "a lot" }), "shares"],
  [custom({ inFlight: "0" }), "inFlight"],
  [custom({ badMax: "-1" }), "badMax"],
  [custom({ canaryServers: "1.5" }), "canaryServers"],
  [custom({ bakeMinutes: "" }), "bakeMinutes"],
  [{ ...from("what=sources"), sources: "" }, "sources"],
  [{ ...from("what=sources"), sources: "openssl rm;-rf" }, "sources"],
  [{ ...from(""), tenantIds: [] }, "tenants"],
  [{ ...from(""), tags: [] }, "tags"],
] as const)("what cannot be used is told at its field, and nothing is asked: %#", (form, field) => {
  const { input, problems } = readForm(form);
  expect(input).toBeNull();
  expect(problems).toMatchObject([{ field }]);
});
