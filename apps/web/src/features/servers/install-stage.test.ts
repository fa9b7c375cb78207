import { expect, test } from "vitest";
import { installStage } from "./install-stage.ts";

const requestedAt = new Date("2026-11-23T10:00:00Z");

test.each([
  ["not-installed", 0, null, "new"],
  ["installing", 0, requestedAt, "running"],
  ["not-installed", 0, requestedAt, "unfinished"],
  ["job-failed", 0, requestedAt, "unfinished"],
  ["offline", 0, requestedAt, "unfinished"],
  ["healthy", 3, requestedAt, "done"],
  ["changing", 3, requestedAt, "done"],
] as const)("a server that is %s and holds revision %d is %s", (status, appliedRevision, at, stage) => {
  expect(installStage({ status, appliedRevision, installRequestedAt: at })).toBe(stage);
});
