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
/** A change is looked at once the host can have applied it. */
const changeAppliedAfterMs = 120_000;

export interface ServerCheckRun {
  checked: string[];
  resolverProblem: string | null;
  failed: { serverId: string; cause: unknown }[];
}

/**
 * Looks at the servers whose turn it is: each once a day, soon after a change of its settings, addresses or upkeep, and a few
 * times while something is newly wrong. Only servers with the mail stack are looked at.
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
        sql`${servers.installRequestedAt} <= ${before(changeAppliedAfterMs)}
          and (${servers.nextCheckAt} is null or ${servers.nextCheckAt} <= ${before(0)}
            or ${servers.addressesChangedAt} > ${lastChecked}
            or ${servers.upkeepChangedAt} > ${lastChecked}
            or exists (select from ${targetStates} where ${targetStates.serverId} = ${servers.id}
              and ${targetStates.createdAt} > ${lastChecked} and ${targetStates.createdAt} <= ${before(changeAppliedAfterMs)}))`,
      )
      .orderBy(sql`${servers.nextCheckAt} nulls first`)
      .limit(serversPerRun),
  );
}
