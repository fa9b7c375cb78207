import type { JobState } from "../jobs/index.ts";

/** What a person wants to know first of a server, worst news winning. */
export const serverStatuses = [
  "awaiting-agent",
  "quarantined",
  "offline",
  "not-installed",
  "installing",
  "service-down",
  "job-failed",
  "drift",
  "changing",
  "healthy",
] as const;
export type ServerStatus = (typeof serverStatuses)[number];

/** Red ("trouble") is for what hurts mail now. */
export type ServerLevel = "good" | "attention" | "trouble" | "unknown";

export const levelOfStatus: Readonly<Record<ServerStatus, ServerLevel>> = {
  "awaiting-agent": "unknown",
  quarantined: "trouble",
  offline: "trouble",
  "not-installed": "attention",
  installing: "attention",
  "service-down": "trouble",
  "job-failed": "attention",
  drift: "attention",
  changing: "good",
  healthy: "good",
};

export interface ServerFacts {
  enrolmentState: "awaiting-agent" | "enrolled" | "quarantined";
  isConnected: boolean;
  isInstallRequested: boolean;
  /** The target revision that the host reported last; 0 until it is installed. */
  appliedRevision: number;
  hasDrift: boolean;
  stoppedServices: number;
  /** State of the change job that was asked for last; null when there was none. */
  lastChange: JobState | null;
}

/** Decides the one word that a server is shown under. */
export function serverStatus(server: ServerFacts): ServerStatus {
  if (server.enrolmentState === "awaiting-agent") return "awaiting-agent";
  if (server.enrolmentState === "quarantined") return "quarantined";
  if (!server.isConnected) return "offline";
  const isWorking =
    server.lastChange !== null &&
    !["succeeded", "failed", "timed-out", "cancelled"].includes(server.lastChange);
  const hasFailed = server.lastChange === "failed" || server.lastChange === "timed-out";
  if (server.appliedRevision === 0) {
    if (!server.isInstallRequested) return "not-installed";
    if (server.lastChange === "cancelled") return "not-installed";
    return hasFailed ? "job-failed" : "installing";
  }
  if (server.stoppedServices > 0) return "service-down";
  if (isWorking) return "changing";
  if (hasFailed) return "job-failed";
  return server.hasDrift ? "drift" : "healthy";
}
