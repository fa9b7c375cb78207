import { expect, test } from "vitest";
import { installStage } from "./install-stage.ts";

const requestedAt = new Date("2026-11-23T10:00:00Z");

test.each([
  ["nobody has asked for anything", false, 0, null, "new"],
  ["the install runs", true, 0, requestedAt, "running"],
  ["the install ended without a revision", false, 0, requestedAt, "unfinished"],
  ["the host holds a revision", false, 3, requestedAt, "done"],
] as const)("while %s (%s, %d), the stage is %s", (_name, isInstalling, appliedRevision, at, stage) => {
  expect(installStage({ isInstalling, appliedRevision, installRequestedAt: at })).toBe(stage);
});
