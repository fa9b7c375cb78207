import type { HostFacts } from "./host-facts.ts";

/** What a host can tell of itself that needs somebody, what stops mail before what can wait. */
export const hostConditionCodes = [
  "service-down",
  "disk-full",
  "port-25-blocked",
  "dns-blocked",
  "dkim-key-gone",
  "queue-long",
  "queue-stuck",
  "queue-old",
  "queue-receiver",
  "memory-low",
  "reboot",
] as const;
export type HostConditionCode = (typeof hostConditionCodes)[number];

/** The part of the facts that conditions are judged by. */
export type ToldHost = Pick<
  HostFacts,
  | "services"
  | "canReachPort25"
  | "hasValidatedDns"
  | "diskFreeBytes"
  | "diskTotalBytes"
  | "memoryTotalBytes"
  | "memoryAvailableBytes"
  | "queueSizeMessages"
  | "queueOldestAtUnixMs"
  | "queueLateMessages"
  | "queueUntakenMessages"
  | "queueWaiting"
  | "isRebootRequired"
  | "dkimKeysGone"
>;

export interface ConditionSigns {
  host: ToldHost;
  /** Whether a relay carries all mail, so that the host itself need not reach port 25 elsewhere. */
  hasRelayForAll: boolean;
  /** Whether it serves mail by now. */
  isInstalled: boolean;
}

export interface HostCondition {
  code: HostConditionCode;
  /** trouble: mail is hurt now, or soon will be. */
  level: "trouble" | "attention";
  /** The unit, the key, the receiver or the part of the host; with the code it makes the same condition of two looks one. */
  about: string;
}

/** Shares of a whole, in percent, under which a part is told of. */
export interface FreeShares {
  attention: number;
  trouble: number;
}
// Under the lower share Postfix soon refuses mail for want of room; above it there is time to look what fills the disk.
export const diskFreePercentMin: FreeShares = { attention: 30, trouble: 15 };
// Under the lower share Linux begins to end programs, and those with the mailboxes open are the largest.
export const memoryFreePercentMin: FreeShares = { attention: 20, trouble: 10 };
export const queueLongFromMessages = 500;
// A few addresses that nobody answers for keep some messages back for days on every server.
export const queueOldFromMessages = 50;
// One person who wrote to a full mailbox is no news; several that wait for an hour at one receiver have one cause.
export const queueReceiverFromMessages = 5;

/** Judges what a host tells of itself. What it cannot tell raises nothing. */
export function judgeHostConditions({ host, hasRelayForAll, isInstalled }: ConditionSigns): HostCondition[] {
  const found: HostCondition[] = [];
  const add = (code: HostConditionCode, level: HostCondition["level"], about: string = code) =>
    found.push({ code, level, about });
  if (isInstalled) for (const { unit } of stoppedServicesOf(host)) add("service-down", "trouble", unit);
  const ofDisk = levelOfShare(diskFreePercentOf(host), diskFreePercentMin);
  if (ofDisk !== null) add("disk-full", ofDisk, "disk");
  if (host.canReachPort25 === false && !hasRelayForAll)
    add("port-25-blocked", isInstalled ? "trouble" : "attention", "port 25");
  if (host.hasValidatedDns === false) add("dns-blocked", "trouble", "resolver");
  for (const name of host.dkimKeysGone) add("dkim-key-gone", "trouble", name);
  if ((host.queueSizeMessages ?? 0) >= queueLongFromMessages) add("queue-long", "attention", "queue");
  if ((host.queueUntakenMessages ?? 0) > 0) add("queue-stuck", "attention", "queue");
  if ((host.queueLateMessages ?? 0) >= queueOldFromMessages) add("queue-old", "attention", "queue");
  for (const { provider, lateMessages } of host.queueWaiting)
    if (lateMessages >= queueReceiverFromMessages) add("queue-receiver", "attention", provider);
  const ofMemory = levelOfShare(memoryFreePercentOf(host), memoryFreePercentMin);
  if (ofMemory !== null) add("memory-low", ofMemory, "memory");
  if (host.isRebootRequired) add("reboot", "attention", "reboot");
  return found;
}

/** Whether the host told nothing that a condition could be judged by, so that it neither holds nor is over. */
export function isUntoldOfHost(code: HostConditionCode, host: ToldHost): boolean {
  switch (code) {
    case "port-25-blocked":
      return host.canReachPort25 === null;
    case "dns-blocked":
      return host.hasValidatedDns === null;
    case "disk-full":
      return diskFreePercentOf(host) === null;
    case "memory-low":
      return memoryFreePercentOf(host) === null;
    case "queue-long":
      return host.queueSizeMessages === null;
    case "queue-stuck":
      return host.queueUntakenMessages === null;
    case "queue-old":
    case "queue-receiver":
      return host.queueLateMessages === null;
    case "service-down":
    case "dkim-key-gone":
    case "reboot":
      return false;
  }
}

/** The units that ought to run and do not. */
export function stoppedServicesOf({ services }: Pick<ToldHost, "services">): ToldHost["services"] {
  return services.filter(({ state }) => state === "failed" || state === "stopped");
}

/** Whole percent, so that nothing changes with each byte; null when the host told no size. */
export function diskFreePercentOf({ diskFreeBytes, diskTotalBytes }: ToldHost): number | null {
  return percentOf(diskFreeBytes, diskTotalBytes);
}

/** What programs can still have, in whole percent; null when the host told no size. */
export function memoryFreePercentOf({ memoryAvailableBytes, memoryTotalBytes }: ToldHost): number | null {
  return percentOf(memoryAvailableBytes, memoryTotalBytes);
}

function percentOf(part: number, whole: number): number | null {
  return whole > 0 ? Math.round((part / whole) * 100) : null;
}

function levelOfShare(percent: number | null, min: FreeShares): HostCondition["level"] | null {
  if (percent === null || percent >= min.attention) return null;
  return percent < min.trouble ? "trouble" : "attention";
}
