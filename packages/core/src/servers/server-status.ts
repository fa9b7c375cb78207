import { hasEnded, type JobState } from "../jobs/index.ts";

/** Everything that can be said of a server in one word, what its own life brings before what is seen of its host. */
export const serverStatuses = [
  "awaiting-agent",
  "quarantined",
  "offline",
  "not-installed",
  "installing",
  "install-failed",
  "service-down",
  "disk-full",
  "port-25-blocked",
  "dns-blocked",
  "dkim-key-gone",
  "job-failed",
  "directory-failed",
  "restart-failed",
  "drift",
  "queue-long",
  "queue-stuck",
  "queue-old",
  "queue-receiver",
  "memory-low",
  "behind",
  "reboot",
  "changing",
  "healthy",
] as const;
export type ServerStatus = (typeof serverStatuses)[number];

/** Red ("trouble") is for what hurts mail now. */
export type ServerLevel = "good" | "attention" | "trouble" | "unknown";

/** The worst that each can be; a host's disk and memory run out by steps. */
export const levelOfStatus: Readonly<Record<ServerStatus, ServerLevel>> = {
  "awaiting-agent": "unknown",
  quarantined: "trouble",
  offline: "trouble",
  "not-installed": "unknown",
  installing: "unknown",
  "install-failed": "attention",
  "service-down": "trouble",
  "disk-full": "trouble",
  "port-25-blocked": "trouble",
  "dns-blocked": "trouble",
  "dkim-key-gone": "trouble",
  "job-failed": "attention",
  "directory-failed": "attention",
  "restart-failed": "attention",
  drift: "attention",
  "queue-long": "attention",
  "queue-stuck": "attention",
  "queue-old": "attention",
  "queue-receiver": "attention",
  "memory-low": "trouble",
  behind: "attention",
  reboot: "attention",
  changing: "good",
  healthy: "good",
};

/** The last job of a verb. */
export interface LastJob {
  id: string;
  state: JobState;
}

export interface ServerFacts {
  enrolmentState: "awaiting-agent" | "enrolled" | "quarantined";
  isConnected: boolean;
  isInstallRequested: boolean;
  /** The target revision that the host reported last; 0 until it is installed. */
  appliedRevision: number;
  targetRevision: number;
  hasDrift: boolean;
  /** Whether the host's mail directory is older than ours. */
  isDirectoryBehind: boolean;
  lastConverge: LastJob | null;
  lastSync: LastJob | null;
  /** The last restart of a service, unless a converge has been asked for since. */
  lastRestart: (LastJob & { service: string }) | null;
}

/** Where a server stands in its life; of an installed one only what its jobs and its files say, worst news winning. */
export function lifeOf(server: ServerFacts): ServerStatus {
  const { lastConverge, lastSync, lastRestart } = server;
  if (server.enrolmentState === "awaiting-agent") return "awaiting-agent";
  if (server.enrolmentState === "quarantined") return "quarantined";
  if (!server.isConnected) return "offline";
  if (server.appliedRevision === 0) {
    if (!server.isInstallRequested || lastConverge?.state === "cancelled") return "not-installed";
    return lastConverge?.state === "failed" || lastConverge?.state === "timed-out"
      ? "install-failed"
      : "installing";
  }
  if (isOpen(lastConverge)) return "changing";
  if (hasConvergeFailed(server)) return "job-failed";
  if (hasSyncFailed(server)) return "directory-failed";
  if (lastRestart?.state === "failed") return "restart-failed";
  if (server.hasDrift) return "drift";
  return isOpen(lastSync) || isOpen(lastRestart) ? "changing" : "healthy";
}

/** A converge that its host never took has changed nothing, which matters only while there is something to change. */
function hasConvergeFailed({ lastConverge, appliedRevision, targetRevision }: ServerFacts): boolean {
  return (
    lastConverge?.state === "failed" ||
    (lastConverge?.state === "timed-out" && appliedRevision < targetRevision)
  );
}

/** A failed sync is over as soon as the host has the directory by another one, as the schedule sees to. */
function hasSyncFailed({ lastSync, isDirectoryBehind }: ServerFacts): boolean {
  return isDirectoryBehind && (lastSync?.state === "failed" || lastSync?.state === "timed-out");
}

function isOpen(job: LastJob | null): boolean {
  return job !== null && !hasEnded(job.state);
}
