import { describe, expect, test } from "vitest";
import { type ServerFacts, type ServerStatus, serverStatus } from "./index.ts";

const healthy: ServerFacts = {
  enrolmentState: "enrolled",
  isConnected: true,
  isInstallRequested: true,
  appliedRevision: 3,
  hasDrift: false,
  stoppedServices: 0,
  lastChange: "succeeded",
};

describe("the one word for a server", () => {
  test.each<[string, Partial<ServerFacts>, ServerStatus]>([
    ["all is well", {}, "healthy"],
    [
      "nobody has run the command",
      { enrolmentState: "awaiting-agent", isConnected: false },
      "awaiting-agent",
    ],
    ["two hosts share an identity", { enrolmentState: "quarantined" }, "quarantined"],
    [
      "no contact hides everything else",
      { isConnected: false, stoppedServices: 2, hasDrift: true },
      "offline",
    ],
    [
      "enrolled and untouched",
      { isInstallRequested: false, appliedRevision: 0, lastChange: null },
      "not-installed",
    ],
    ["the install waits", { appliedRevision: 0, lastChange: "queued" }, "installing"],
    ["the install runs", { appliedRevision: 0, lastChange: "running" }, "installing"],
    ["the install failed", { appliedRevision: 0, lastChange: "failed" }, "job-failed"],
    ["the install was cancelled", { appliedRevision: 0, lastChange: "cancelled" }, "not-installed"],
    ["mail hurts more than a failed job", { stoppedServices: 1, lastChange: "failed" }, "service-down"],
    ["a change is under way", { lastChange: "unknown", hasDrift: true }, "changing"],
    ["the last change failed", { lastChange: "timed-out", hasDrift: true }, "job-failed"],
    ["a cancelled change is no failure", { lastChange: "cancelled" }, "healthy"],
    ["edited by hand", { hasDrift: true }, "drift"],
  ])("%s", (_name, changed, status) => {
    expect(serverStatus({ ...healthy, ...changed })).toBe(status);
  });
});
