import { judgeUpkeep } from "@mailstead/core/checks";
import { agents, domainServers, domains, enrolmentTokens, servers, targetStates } from "@mailstead/db";
import { and, asc, desc, eq, gt, isNull } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, ServiceError, withTransaction } from "../context/index.ts";
import { readServerRows } from "./server-rows.ts";
import { readTargetState } from "./target-state-store.ts";

const serverInput = z.object({ serverId: z.uuid() });

export type ServerDetail = Awaited<ReturnType<typeof getServer>>;

/** Everything that the page of a server shows, but its jobs and drift. Throws `not-found`. */
export async function getServer(ctx: ServiceContext, input: z.input<typeof serverInput>) {
  const { serverId } = parseInput(serverInput, input);
  return withTransaction(ctx, async (tx) => {
    const [row] = await readServerRows(tx, eq(servers.id, serverId));
    const [stored] = await tx
      .select({
        facts: servers.facts,
        factsAt: servers.factsAt,
        observedAt: servers.observedAt,
        connectedAt: servers.connectedAt,
        enrolmentState: servers.enrolmentState,
        installRequestedAt: servers.installRequestedAt,
        directoryRevision: servers.directoryRevision,
        appliedDirectoryRevision: servers.appliedDirectoryRevision,
      })
      .from(servers)
      .where(eq(servers.id, serverId));
    if (row === undefined || stored === undefined)
      throw new ServiceError("not-found", "There is no such server.");
    const [agent] = await tx
      .select({
        id: agents.id,
        hostname: agents.hostname,
        agentVersion: agents.agentVersion,
        enrolledAt: agents.enrolledAt,
        quarantinedAt: agents.quarantinedAt,
      })
      .from(agents)
      .where(eq(agents.serverId, serverId));
    const [token] = await tx
      .select({ expiresAt: enrolmentTokens.expiresAt })
      .from(enrolmentTokens)
      .where(
        and(
          eq(enrolmentTokens.serverId, serverId),
          isNull(enrolmentTokens.usedAt),
          gt(enrolmentTokens.expiresAt, ctx.now()),
        ),
      );
    const hosted = await tx
      .select({ id: domains.id, name: domains.name })
      .from(domainServers)
      .innerJoin(domains, eq(domains.id, domainServers.domainId))
      .where(eq(domainServers.serverId, serverId))
      .orderBy(asc(domains.name));
    // What an agent said before it fell silent may no longer be so. Agents from before upkeep was told tell none.
    const { upkeep = null, listeners = null } = (row.isConnected ? stored.facts : null) ?? {};
    return {
      ...row,
      ...stored,
      upkeepFindings: judgeUpkeep({ upkeep, listeners }, ctx.now()),
      agent: agent ?? null,
      /** Until when the last command counts; null when none does. */
      enrolmentExpiresAt: token?.expiresAt ?? null,
      domains: hosted,
    };
  });
}

/** The current target state with the history of its revisions, newest first. */
export async function getTargetState(ctx: ServiceContext, input: z.input<typeof serverInput>) {
  const { serverId } = parseInput(serverInput, input);
  return withTransaction(ctx, async (tx) => {
    const [server] = await tx
      .select({ id: servers.id, targetRevision: servers.targetRevision })
      .from(servers)
      .where(eq(servers.id, serverId));
    if (server === undefined) throw new ServiceError("not-found", "There is no such server.");
    const { state, isWebChosen } = await readTargetState(tx, server);
    const history = await tx
      .select({
        revision: targetStates.revision,
        summary: targetStates.summary,
        authorName: targetStates.authorName,
        createdAt: targetStates.createdAt,
      })
      .from(targetStates)
      .where(eq(targetStates.serverId, serverId))
      .orderBy(desc(targetStates.revision))
      .limit(100);
    return { state, isWebChosen, history };
  });
}

/** What differs on the host from the target state, as it was last reported; null before the first report. */
export async function getDrift(ctx: ServiceContext, input: z.input<typeof serverInput>) {
  const { serverId } = parseInput(serverInput, input);
  return withTransaction(ctx, async (tx) => {
    const [server] = await tx
      .select({
        observed: servers.observed,
        observedAt: servers.observedAt,
        targetRevision: servers.targetRevision,
      })
      .from(servers)
      .where(eq(servers.id, serverId));
    if (server === undefined) throw new ServiceError("not-found", "There is no such server.");
    if (server.observed === null || server.observedAt === null) return null;
    return {
      entries: server.observed.drift,
      reportedAt: server.observedAt,
      reportedRevision: server.observed.targetRevision,
      targetRevision: server.targetRevision,
    };
  });
}
