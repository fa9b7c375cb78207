import { jobs, servers } from "@mailstead/db";
import { sql } from "drizzle-orm";

/** Whether a converge brings mail to its host for the first time: none has succeeded there before it. */
export const isInstall = sql<boolean>`(${jobs.verb} = 'converge' and not exists (select from jobs earlier
  where earlier.server_id = ${jobs.serverId} and earlier.sequence < ${jobs.sequence}
  and earlier.verb = 'converge' and earlier.state = 'succeeded'))`;

/** The columns of a job that people see. The signed order stays out: it is the agent's business. */
export const jobColumns = {
  id: jobs.id,
  serverId: jobs.serverId,
  serverName: servers.name,
  verb: jobs.verb,
  isInstall,
  lane: jobs.lane,
  args: jobs.args,
  state: jobs.state,
  outcome: jobs.outcome,
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
