import { describe, expect, test } from "vitest";
import { type ServerSigns, serverConcerns } from "./server-concerns.ts";

const facts = {
  canReachPort25: true,
  diskFreeBytes: 50,
  diskTotalBytes: 100,
  queueSizeMessages: 3,
  isRebootRequired: false,
};
const healthy: ServerSigns = {
  status: "healthy",
  isConnected: true,
  targetRevision: 4,
  appliedRevision: 4,
  facts,
};
const codes = (server: ServerSigns) => serverConcerns(server).map((concern) => concern.code);

describe("serverConcerns", () => {
  test("a server with nothing wrong raises none", () => {
    expect(codes(healthy)).toEqual([]);
    expect(codes({ ...healthy, status: "changing" })).toEqual([]);
  });

  test("what hurts mail now stands before what can wait", () => {
    expect(
      codes({ ...healthy, status: "drift", facts: { ...facts, diskFreeBytes: 1, isRebootRequired: true } }),
    ).toEqual(["disk-full", "drift", "reboot"]);
  });

  test("a silent agent's last words are not taken for the state of the host", () => {
    expect(
      codes({ ...healthy, status: "offline", isConnected: false, facts: { ...facts, diskFreeBytes: 1 } }),
    ).toEqual(["offline"]);
  });

  test.each<[string, ServerSigns]>([
    ["port-25-blocked", { ...healthy, facts: { ...facts, canReachPort25: false } }],
    ["queue-long", { ...healthy, facts: { ...facts, queueSizeMessages: 500 } }],
    ["behind", { ...healthy, targetRevision: 5 }],
    ["service-down", { ...healthy, status: "service-down" }],
  ])("%s is seen", (code, server) => {
    expect(codes(server)).toEqual([code]);
  });
});
