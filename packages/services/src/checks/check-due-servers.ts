import { serverChecks, servers, targetStates } from "@mailstead/db";
import { sql } from "drizzle-orm";
import {
  checkEach,
  type Database,
  type Installation,
  type Look,
  type SystemContext,
  withSystemTransaction,
} from "../context/index.ts";
import { checkServer, type OutsideView, outsideViewOf } from "./check-server.ts";

const serversPerRun = 100;
/** A change is looked at once the host can have applied it, and sooner where it says that it has. */
const changeAppliedAfterMs = 120_000;
const changeSettledAfterMs = 60_000;

export interface ServerCheckRun {
  checked: string[];
  resolverProblem: string | null;
  failed: { serverId: string; cause: unknown }[];
}

/**
 * Looks at the servers whose turn it is: each once a day, soon after a change of its settings, addresses or upkeep, and
 * again and again on the first day after it while something is wrong or the host has not applied it. Only servers that have
 * the mail stack by now are looked at: while one is being installed, no port is to answer.
 */
export async function checkDueServers(
  ctx: SystemContext,
  { app, installation, outside }: { app: Database; installation: Installation; outside?: OutsideView },
): Promise<ServerCheckRun> {
  const rows = await findDue(ctx);
  const { failed, ...run } = await checkEach(
    ctx,
    { rows, app, installation },
    async (own, { serverId }): Promise<Look<string>> => {
      const check = await checkServer(own, { serverId }, outside ?? outsideViewOf(own));
      return check.kind === "checked" ? { kind: "looked", checked: serverId } : check;
    },
  );
  return { ...run, failed: failed.map(({ row: { serverId }, cause }) => ({ serverId, cause })) };
}

function findDue(ctx: SystemContext): Promise<{ serverId: string; organisationId: string }[]> {
  const now = ctx.now();
  const before = (ms: number) => sql`${new Date(now.getTime() - ms)}::timestamptz`;
  const lastChecked = sql`(select max(${serverChecks.checkedAt}) from ${serverChecks} where ${serverChecks.serverId} = ${servers.id})`;
  return withSystemTransaction(ctx, (tx) =>
    tx
      .select({ serverId: servers.id, organisationId: servers.organisationId })
      .from(servers)
      .where(
        sql`${servers.appliedRevision} > 0
          and (${servers.nextCheckAt} is null or ${servers.nextCheckAt} <= ${before(0)}
            or ${servers.installRequestedAt} > ${lastChecked}
            or ${servers.addressesChangedAt} > ${lastChecked}
            or ${servers.upkeepChangedAt} > ${lastChecked}
            or exists (select from ${targetStates} where ${targetStates.serverId} = ${servers.id}
              and ${targetStates.createdAt} > ${lastChecked} and (${targetStates.createdAt} <= ${before(changeAppliedAfterMs)}
                or (${targetStates.createdAt} <= ${before(changeSettledAfterMs)}
                  and ${servers.appliedRevision} >= ${servers.targetRevision}))))`,
      )
      .orderBy(sql`${servers.nextCheckAt} nulls first`)
      .limit(serversPerRun),
  );
}
