import { type HostFacts, levelOfStatus, type ServerStatus } from "@mailstead/core/servers";
import type { Level } from "../../components/level.tsx";

/** What is judged beside the one status of a server. */
export interface ServerSigns {
  status: ServerStatus;
  isConnected: boolean;
  targetRevision: number;
  appliedRevision: number;
  facts: Pick<
    HostFacts,
    "canReachPort25" | "diskFreeBytes" | "diskTotalBytes" | "queueSizeMessages" | "isRebootRequired"
  > | null;
}

export type ConcernCode = ServerStatus | "disk-full" | "port-25-blocked" | "queue-long" | "behind" | "reboot";

export interface Concern {
  code: ConcernCode;
  level: Level;
}

// Under this share of free space Postfix soon refuses mail for want of room.
const diskFreeShareMin = 0.05;
const queueLongFromMessages = 500;

const quietStatuses: readonly ServerStatus[] = ["healthy", "changing", "installing"];

/** Everything about a server that needs somebody, the worst first; empty when nothing does. */
export function serverConcerns(server: ServerSigns): readonly Concern[] {
  const { status, facts } = server;
  const concerns: Concern[] = quietStatuses.includes(status)
    ? []
    : [{ code: status, level: levelOfStatus[status] }];
  const isInstalled = server.appliedRevision > 0;
  // What an agent said before it fell silent may no longer be so.
  if (facts === null || !server.isConnected) return concerns;
  if (facts.diskTotalBytes > 0 && facts.diskFreeBytes / facts.diskTotalBytes < diskFreeShareMin)
    concerns.push({ code: "disk-full", level: "trouble" });
  if (facts.canReachPort25 === false)
    concerns.push({ code: "port-25-blocked", level: isInstalled ? "trouble" : "attention" });
  if ((facts.queueSizeMessages ?? 0) >= queueLongFromMessages)
    concerns.push({ code: "queue-long", level: "attention" });
  if (isInstalled && status === "healthy" && server.appliedRevision < server.targetRevision)
    concerns.push({ code: "behind", level: "attention" });
  if (facts.isRebootRequired) concerns.push({ code: "reboot", level: "attention" });
  return concerns.sort((a, b) => urgency[a.level] - urgency[b.level]);
}

const urgency: Record<Level, number> = { trouble: 0, attention: 1, unknown: 2, good: 3 };
