import { endedJobStates, type JobState } from "@mailstead/core/jobs";
import type { ServerConcern, ServerLevel, ServerStatus } from "@mailstead/core/servers";
import { domains, jobs, mailboxes, servers, tenants } from "@mailstead/db";
import { count, desc, eq, notInArray } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";
import { readServerRows, type ServerRow, statesOf } from "./server-rows.ts";

/** Something that needs somebody, with the server that it is about. */
export interface FleetFinding extends ServerConcern {
  serverId: string;
  serverName: string;
  tenantName: string;
}

export type FleetOverview = Awaited<ReturnType<typeof getFleetOverview>>;

const runningJobsMax = 20;

/** The fleet on one screen: what hurts mail first, how many of everything, and the work that runs. */
export async function getFleetOverview(ctx: ServiceContext) {
  return withTransaction(ctx, async (tx) => {
    const rows = await readServerRows(tx);
    const [[tenantCount], [domainCount], [mailboxCount]] = [
      await tx.select({ count: count() }).from(tenants),
      await tx.select({ count: count() }).from(domains),
      await tx.select({ count: count() }).from(mailboxes),
    ];
    const runningJobs = await tx
      .select({
        id: jobs.id,
        verb: jobs.verb,
        isInstall: jobs.isInstall,
        state: jobs.state,
        serverId: jobs.serverId,
        serverName: servers.name,
        createdAt: jobs.createdAt,
      })
      .from(jobs)
      .innerJoin(servers, eq(servers.id, jobs.serverId))
      .where(notInArray(jobs.state, endedJobStates as unknown as JobState[]))
      .orderBy(desc(jobs.id))
      .limit(runningJobsMax);
    return {
      tenantCount: tenantCount?.count ?? 0,
      serverCount: rows.length,
      domainCount: domainCount?.count ?? 0,
      mailboxCount: mailboxCount?.count ?? 0,
      queueSizeMessages: rows.reduce((sum, row) => sum + (row.queueSizeMessages ?? 0), 0),
      levels: countBy(rows, (row) => row.level),
      statuses: countStates(rows),
      servers: rows
        .map(({ id, name, tenantName, status, level }) => ({ id, name, tenantName, status, level }))
        .sort((left, right) => left.name.localeCompare(right.name)),
      findings: rows.flatMap(findingsOf).sort((left, right) => urgency[left.level] - urgency[right.level]),
      runningJobs,
    };
  });
}

const urgency: Record<ServerLevel, number> = { trouble: 0, attention: 1, unknown: 2, good: 3 };

function findingsOf({ id, name, tenantName, concerns }: ServerRow): FleetFinding[] {
  // What waits for a receiver has a finding for each, with a line of its own.
  const told = concerns.filter(({ code }) => code !== "queue-receiver");
  return told.map((concern) => ({ ...concern, serverId: id, serverName: name, tenantName }));
}

/** How many servers are in each state; one that is in several counts in each, as the list's filter finds it. */
function countStates(rows: readonly ServerRow[]): Partial<Record<ServerStatus, number>> {
  return countBy(rows.flatMap(statesOf), (state) => state);
}

function countBy<T, K extends string>(things: readonly T[], keyOf: (thing: T) => K) {
  const counts: Partial<Record<K, number>> = {};
  for (const thing of things) counts[keyOf(thing)] = (counts[keyOf(thing)] ?? 0) + 1;
  return counts;
}
