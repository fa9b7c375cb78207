import { jobs, servers } from "@mailstead/db";
import { shownArgs, shownOutcome } from "./confidential-jobs.ts";

/**
 * The columns of a job that people see. The signed order stays out: it is the agent's business. So does what names
 * people: that is only for who asked.
 */
export const jobColumns = {
  id: jobs.id,
  serverId: jobs.serverId,
  serverName: servers.name,
  verb: jobs.verb,
  isInstall: jobs.isInstall,
  lane: jobs.lane,
  args: shownArgs,
  state: jobs.state,
  outcome: shownOutcome,
  progressNumber: jobs.progressNumber,
  requestedBy: jobs.requestedBy,
  createdAt: jobs.createdAt,
  dispatchedAt: jobs.dispatchedAt,
  acceptedAt: jobs.acceptedAt,
  startedAt: jobs.startedAt,
  endedAt: jobs.endedAt,
  cancelRequestedAt: jobs.cancelRequestedAt,
  deadlineAt: jobs.deadlineAt,
};
