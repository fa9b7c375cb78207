import { type DomainRole, receivesMail } from "./domain-role.ts";

/** Resolvers and senders go by what they remember of the MX records for so long, whatever has been published since. */
export const leavesAfterMs = 2 * 86_400_000;

export interface LeavingServer {
  role: DomainRole;
  hostname: string;
  leavesSince: Date;
}

/**
 * Whether a server may stop serving a domain: its records have been gone for long enough, and, if it receives, the name
 * servers were asked and name it as an MX no more. `mxHosts` are the hosts that they named; null when that is not known.
 */
export function mayLeave(
  { role, hostname, leavesSince }: LeavingServer,
  { mxHosts, now }: { mxHosts: readonly string[] | null; now: Date },
): boolean {
  if (now.getTime() - leavesSince.getTime() < leavesAfterMs) return false;
  if (!receivesMail(role)) return true;
  return mxHosts !== null && !mxHosts.includes(hostname);
}
