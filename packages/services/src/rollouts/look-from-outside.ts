import type { PortFacts } from "@mailstead/core/checks";
import { rolloutMembers, rollouts, serverChecks, servers, type Transaction } from "@mailstead/db";
import { and, desc, eq, gte, inArray, isNull, or, sql } from "drizzle-orm";
import { type Looking, outsideViewOf, probeMailPort, type ServerCheckReport } from "../checks/index.ts";
import {
  type Database,
  type Installation,
  type ServiceContext,
  type SystemContext,
  seeToEach,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";

const rolloutsAtOnce = 100;
const serversAtOnce = 20;
/** What is bad is looked at again; the host's own looks are as far apart. */
const againAfterMs = 45_000;
/** Servers are met from outside each day; what was older than this says nothing of today. */
const knownForMs = 30 * 3_600_000;
/** Others that are tried where one does not answer, to tell its silence from that of the line in between. */
const witnessesMax = 3;

/**
 * Meets port 25 of servers that a rollout has just changed as another mail server would, where the last check from outside met
 * it, and keeps what came of it for the next look at the server's mail. Changes nothing by itself; gives what failed.
 */
export async function lookFromOutside(
  ctx: SystemContext,
  { app, installation, looking }: { app: Database; installation: Installation; looking?: Looking },
): Promise<{ failed: { rolloutId: string; cause: unknown }[] }> {
  const rows = await withSystemTransaction(ctx, (tx) =>
    tx
      .select({ id: rollouts.id, organisationId: rollouts.organisationId })
      .from(rollouts)
      .where(isNull(rollouts.endedAt))
      .limit(rolloutsAtOnce),
  );
  const failed = await seeToEach(ctx, { rows, app, installation }, async (own, { id }) => {
    await lookAtRollout(own, id, looking ?? outsideViewOf(own).looking);
    return undefined;
  });
  return { failed: failed.map(({ row, cause }) => ({ rolloutId: row.id, cause })) };
}

interface Met {
  readonly serverId: string;
  readonly hostname: string;
  /** Where port 25 was met at the last check. */
  readonly address: string;
}

async function lookAtRollout(ctx: ServiceContext, rolloutId: string, looking: Looking): Promise<void> {
  const { due, witnesses } = await withTransaction(ctx, async (tx) => {
    const due = await readDue(tx, rolloutId, ctx.now());
    return { due, witnesses: due.length === 0 ? [] : await readWitnesses(tx, rolloutId, ctx.now()) };
  });
  if (due.length === 0) return;
  const seen = await Promise.all(due.map(async (one) => ({ ...one, problem: await meet(one, looking) })));
  const isLineDown =
    seen.some(({ problem }) => problem !== null) &&
    !seen.some(({ problem }) => problem === null) &&
    witnesses.length > 0 &&
    !(await Promise.all(witnesses.map((one) => meet(one, looking)))).includes(null);
  await withTransaction(ctx, async (tx) => {
    for (const { serverId, address, problem } of seen)
      await tx
        .update(rolloutMembers)
        .set({
          outside: {
            at: ctx.now().toISOString(),
            state: problem === null ? "ok" : isLineDown ? "unknown" : "bad",
            sentence:
              problem === null
                ? `Port 25 of ${address} greets and begins TLS.`
                : isLineDown
                  ? `Port 25 of ${address} cannot be met from here, and neither can that of any other server.`
                  : `Port 25 of ${address} did before the change, and does not now: ${problem}.`,
          },
        })
        .where(and(eq(rolloutMembers.rolloutId, rolloutId), eq(rolloutMembers.serverId, serverId)));
  });
}

/** Why it cannot be met; null when it greets and begins TLS. */
async function meet({ address, hostname }: Met, looking: Looking): Promise<string | null> {
  const { listensOn, probeName, ca } = looking;
  const met = await probeMailPort({
    ...{ address, hostname, probeName, port: 25, listensOn: listensOn(25), isForeign: true },
    ...(ca === undefined ? {} : { ca }),
  });
  if (met.kind !== "open") return met.problem;
  return met.certificate === null ? (met.tlsProblem ?? "it begins no TLS") : null;
}

async function readDue(tx: Transaction, rolloutId: string, now: Date): Promise<readonly Met[]> {
  const at = sql`(${rolloutMembers.outside} ->> 'at')::timestamptz`;
  const rows = await tx
    .select({ serverId: rolloutMembers.serverId, hostname: servers.hostname })
    .from(rolloutMembers)
    .innerJoin(rollouts, eq(rollouts.id, rolloutMembers.rolloutId))
    .innerJoin(servers, eq(servers.id, rolloutMembers.serverId))
    .where(
      and(
        eq(rolloutMembers.rolloutId, rolloutId),
        sql`(${rollouts.settings} ->> 'checksMail')::boolean`,
        inArray(rolloutMembers.state, ["verifying", "baking", "rechecking"]),
        or(
          sql`${rolloutMembers.outside} is null or ${at} < ${rolloutMembers.changedAt}`,
          and(
            sql`${rolloutMembers.outside} ->> 'state' <> 'ok'`,
            sql`${at} < ${new Date(now.getTime() - againAfterMs)}`,
          ),
          // Once more after the bake time.
          and(eq(rolloutMembers.state, "rechecking"), sql`${at} < ${rolloutMembers.stateSince}`),
        ),
      ),
    )
    .orderBy(rolloutMembers.position)
    .limit(serversAtOnce);
  return metOnes(tx, rows, now);
}

/** Servers that the rollout does not hold, met from here lately. */
async function readWitnesses(tx: Transaction, rolloutId: string, now: Date): Promise<readonly Met[]> {
  const rows = await tx
    .select({ serverId: servers.id, hostname: servers.hostname })
    .from(servers)
    .leftJoin(
      rolloutMembers,
      and(eq(rolloutMembers.serverId, servers.id), eq(rolloutMembers.rolloutId, rolloutId)),
    )
    .where(
      and(
        or(isNull(rolloutMembers.serverId), inArray(rolloutMembers.state, ["waiting", "succeeded"])),
        sql`${servers.gatewayId} is not null`,
      ),
    )
    .orderBy(servers.id)
    .limit(10 * witnessesMax);
  return (await metOnes(tx, rows, now)).slice(0, witnessesMax);
}

/** Of these servers, those whose port 25 the last check from outside met with its TLS, and where. */
async function metOnes(
  tx: Transaction,
  rows: readonly Pick<Met, "serverId" | "hostname">[],
  now: Date,
): Promise<readonly Met[]> {
  if (rows.length === 0) return [];
  const checks = await tx
    .selectDistinctOn([serverChecks.serverId], {
      serverId: serverChecks.serverId,
      report: serverChecks.report,
    })
    .from(serverChecks)
    .where(
      and(
        inArray(
          serverChecks.serverId,
          rows.map(({ serverId }) => serverId),
        ),
        gte(serverChecks.checkedAt, new Date(now.getTime() - knownForMs)),
      ),
    )
    .orderBy(serverChecks.serverId, desc(serverChecks.checkedAt), desc(serverChecks.id));
  const reports = new Map(checks.map(({ serverId, report }) => [serverId, report as ServerCheckReport]));
  return rows.flatMap((row) => {
    const known = reports.get(row.serverId)?.facts.addresses.find(({ ports }) => ports.some(isMet));
    return known === undefined ? [] : { ...row, address: known.address };
  });
}

function isMet(port: PortFacts): boolean {
  return port.port === 25 && port.kind === "open" && port.certificate !== null;
}
