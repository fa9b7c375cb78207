import type { HostFacts } from "./host-facts.ts";
import {
  levelOfStatus,
  lifeOf,
  type ServerFacts,
  type ServerLevel,
  type ServerStatus,
} from "./server-status.ts";

/** What is judged of a server: its life, and what its agent told of the host. */
export interface ServerSigns extends ServerFacts {
  /** Whether a relay carries all mail, so that the host itself need not reach port 25 elsewhere. */
  hasRelayForAll: boolean;
  /** Null before the agent has told anything. */
  host: Pick<
    HostFacts,
    | "canReachPort25"
    | "hasValidatedDns"
    | "diskFreeBytes"
    | "diskTotalBytes"
    | "memoryTotalBytes"
    | "memoryAvailableBytes"
    | "queueSizeMessages"
    | "queueLateMessages"
    | "queueUntakenMessages"
    | "isRebootRequired"
    | "dkimKeysGone"
  > | null;
}

/** Something about a server that needs somebody. */
export interface ServerConcern {
  code: ServerStatus;
  level: ServerLevel;
  /** The job that tells what happened, where one does. */
  jobId: string | null;
  /** The units or the service that it is about. */
  services: readonly string[];
}

export interface ServerJudgement {
  /** The word that a server is shown under wherever only one has room. */
  status: ServerStatus;
  level: ServerLevel;
  isInstalling: boolean;
  /** The worst first; empty when nothing needs anybody. */
  concerns: readonly ServerConcern[];
}

// Under this share of free space Postfix soon refuses mail for want of room.
const diskFreeShareMin = 0.05;
// Under this share there is time to look what fills it, and reason to.
const diskEasyShareMin = 0.15;
// Under this share Linux begins to end programs, and those with the mailboxes open are the largest.
const memoryFreeShareMin = 0.1;
const queueLongFromMessages = 500;
// A few addresses that nobody answers for keep some messages back for days on every server.
const queueOldFromMessages = 50;

const quietStatuses: readonly ServerStatus[] = ["healthy", "changing", "installing"];

/** Decides what needs somebody on a server and, from that alone, the word and the level it is shown under everywhere. */
export function judgeServer(server: ServerSigns): ServerJudgement {
  const life = lifeOf(server);
  const concerns = [...concernsOfLife(server, life), ...concernsOfHost(server, life)].sort(
    (a, b) => urgency[a.level] - urgency[b.level],
  );
  const worst = concerns[0];
  const hidesLife = worst !== undefined && (worst.level === "trouble" || life === "healthy");
  const status = hidesLife ? worst.code : life;
  return {
    status,
    level: hidesLife ? worst.level : levelOfStatus[life],
    isInstalling: life === "installing",
    concerns,
  };
}

function concernsOfLife(server: ServerSigns, life: ServerStatus): ServerConcern[] {
  if (!quietStatuses.includes(life)) return [concern(life, aboutLife(server, life))];
  const isBehind = server.appliedRevision > 0 && server.appliedRevision < server.targetRevision;
  return life === "healthy" && isBehind ? [concern("behind")] : [];
}

function aboutLife(
  { stoppedServices, lastConverge, lastSync, lastRestart }: ServerSigns,
  life: ServerStatus,
): Partial<ServerConcern> {
  switch (life) {
    case "service-down":
      return { services: stoppedServices };
    case "install-failed":
    case "job-failed":
      return { jobId: lastConverge?.id ?? null };
    case "directory-failed":
      return { jobId: lastSync?.id ?? null };
    case "restart-failed":
      return lastRestart === null ? {} : { jobId: lastRestart.id, services: [lastRestart.service] };
    default:
      return {};
  }
}

/** What an agent said before it fell silent may no longer be so, and raises nothing. */
function concernsOfHost(server: ServerSigns, life: ServerStatus): ServerConcern[] {
  const { host } = server;
  if (host === null || !server.isConnected || life === "awaiting-agent") return [];
  const concerns: ServerConcern[] = [];
  const diskFreeShare = host.diskTotalBytes > 0 ? host.diskFreeBytes / host.diskTotalBytes : 1;
  if (diskFreeShare < diskFreeShareMin) concerns.push(concern("disk-full"));
  else if (diskFreeShare < diskEasyShareMin) concerns.push(concern("disk-full", { level: "attention" }));
  if (host.canReachPort25 === false && !server.hasRelayForAll)
    concerns.push(concern("port-25-blocked", server.appliedRevision > 0 ? {} : { level: "attention" }));
  if (host.hasValidatedDns === false) concerns.push(concern("dns-blocked"));
  if ((host.queueSizeMessages ?? 0) >= queueLongFromMessages) concerns.push(concern("queue-long"));
  if ((host.queueUntakenMessages ?? 0) > 0) concerns.push(concern("queue-stuck"));
  if ((host.queueLateMessages ?? 0) >= queueOldFromMessages) concerns.push(concern("queue-old"));
  if (host.memoryTotalBytes > 0 && host.memoryAvailableBytes / host.memoryTotalBytes < memoryFreeShareMin)
    concerns.push(concern("memory-low"));
  if (host.dkimKeysGone.length > 0) concerns.push(concern("dkim-key-gone"));
  if (host.isRebootRequired) concerns.push(concern("reboot"));
  return concerns;
}

function concern(code: ServerStatus, about: Partial<ServerConcern> = {}): ServerConcern {
  return { code, level: levelOfStatus[code], jobId: null, services: [], ...about };
}

const urgency: Record<ServerLevel, number> = { trouble: 0, attention: 1, unknown: 2, good: 3 };
