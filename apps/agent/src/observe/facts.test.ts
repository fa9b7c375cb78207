import type { HostFacts } from "@mailstead/core/servers";
import { expect, test } from "vitest";
import { haveFactsChanged } from "./facts.ts";

const megabyte = 1_048_576;
/** A host as small as they are rented. */
const facts: HostFacts = {
  suite: "trixie",
  osName: "Debian GNU/Linux 13 (trixie)",
  kernel: "6.12.0",
  architecture: "x64",
  hostname: "mail1",
  agentVersion: "0.1.0",
  bootId: "boot",
  bootedAtUnixMs: 1_760_000_000_000,
  memoryTotalBytes: 512 * megabyte,
  memoryAvailableBytes: 110 * megabyte,
  diskTotalBytes: 10_000 * megabyte,
  diskFreeBytes: 5_000 * megabyte,
  cpuCount: 1,
  ipAddresses: ["198.51.100.11"],
  canReachPort25: true,
  hasValidatedDns: true,
  services: [],
  packages: {},
  queueSizeMessages: 0,
  queueOldestAtUnixMs: null,
  queueLateMessages: 0,
  queueUntakenMessages: 0,
  queueWaiting: [],
  isRebootRequired: false,
  dkimKeysGone: [],
  upkeep: null,
  listeners: null,
};

test("memory and disk that move a little are not told", () => {
  const after = { memoryAvailableBytes: 120 * megabyte, diskFreeBytes: 4_990 * megabyte, bootedAtUnixMs: 1 };
  expect(haveFactsChanged(facts, { ...facts, ...after })).toBe(false);
});

test("a small host tells when it falls under what somebody is to see to, and when it is above it again", () => {
  const low = { ...facts, memoryAvailableBytes: 90 * megabyte };
  const scarce = { ...facts, memoryAvailableBytes: 40 * megabyte };
  expect(haveFactsChanged(facts, low)).toBe(true);
  expect(haveFactsChanged(low, scarce)).toBe(true);
  expect(haveFactsChanged(low, facts)).toBe(true);
  const full = { ...facts, diskFreeBytes: 2_940 * megabyte };
  expect(haveFactsChanged({ ...facts, diskFreeBytes: 2_990 * megabyte }, full)).toBe(true);
});
