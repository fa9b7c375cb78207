import { endedJobStates, type JobState } from "@mailstead/core/jobs";
import type { ServerLevel, ServerStatus } from "@mailstead/core/servers";
import { domains, jobs, mailboxes, servers, tenants } from "@mailstead/db";
import { count, desc, eq, notInArray } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";
import { isInstall } from "../jobs/index.ts";
import { readServerRows, type ServerRow } from "./server-rows.ts";

export interface FleetFinding {
  level: ServerLevel;
  status: ServerStatus;
  serverId: string;
  serverName: string;
  tenantName: string;
  sentence: string;
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
        isInstall,
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
      statuses: countBy(rows, (row) => row.status),
      servers: rows
        .map(({ id, name, tenantName, status, level }) => ({ id, name, tenantName, status, level }))
        .sort((left, right) => left.name.localeCompare(right.name)),
      findings: rows
        .flatMap((row) => findingOf(row) ?? [])
        .sort((left, right) => urgency[left.level] - urgency[right.level]),
      runningJobs,
    };
  });
}

const urgency: Record<ServerLevel, number> = { trouble: 0, attention: 1, unknown: 2, good: 3 };

function findingOf(row: ServerRow): FleetFinding | null {
  const sentence = sentenceOf(row);
  if (sentence === null) return null;
  const { level, status, id, name, tenantName } = row;
  return { level, status, serverId: id, serverName: name, tenantName, sentence };
}

function sentenceOf(row: ServerRow): string | null {
  switch (row.status) {
    case "awaiting-agent":
      return `${row.name} waits for its install command to be run on the host.`;
    case "quarantined":
      return `${row.name} is quarantined: two hosts used the same agent identity. Enrol the right one again.`;
    case "offline":
      return `${row.name} has no contact with Mailstead. Its mail goes on, but nothing can be changed or seen.`;
    case "not-installed":
      return `${row.name} is online and ready to be installed.`;
    case "service-down":
      return `On ${row.name} ${row.stoppedServices.join(", ")} ${row.stoppedServices.length === 1 ? "does" : "do"} not run.`;
    case "job-failed":
      return `The last change of ${row.name} failed; its mail runs on the files from before.`;
    case "drift":
      return `Files on ${row.name} were edited by hand and differ from what is configured here.`;
    case "installing":
    case "changing":
    case "healthy":
      return null;
  }
}

function countBy<K extends string>(rows: readonly ServerRow[], keyOf: (row: ServerRow) => K) {
  const counts: Partial<Record<K, number>> = {};
  for (const row of rows) counts[keyOf(row)] = (counts[keyOf(row)] ?? 0) + 1;
  return counts;
}
