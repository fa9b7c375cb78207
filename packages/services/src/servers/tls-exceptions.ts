import { holdsAt, type TlsException, tlsExceptionSchema, tlsExceptionsMax } from "@mailstead/core/servers";
import { servers, type Transaction, targetStates } from "@mailstead/db";
import { and, asc, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  type Database,
  type Installation,
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  type SystemContext,
  seeToEach,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import type { SettingsChanged } from "./change-settings.ts";
import { getServerForChange } from "./server-for-change.ts";
import { typedHostNameSchema } from "./server-name.ts";
import { changeTargetState } from "./target-state-store.ts";

/** Long enough for a partner to put a record right, and short enough that somebody asks again. */
const exceptionDaysMax = 90;
const dayMs = 86_400_000;
const serversPerRun = 100;

const setTlsExceptionsInput = z.object({
  serverId: z.uuid(),
  exceptions: z
    .array(tlsExceptionSchema.extend({ domain: typedHostNameSchema }))
    .max(tlsExceptionsMax, `a server has at most ${tlsExceptionsMax} exceptions`),
});

/**
 * Replaces the receivers to whom a server sends with whatever TLS they offer, although DANE or MTA-STS demands more. Each
 * ends by itself. Throws `invalid` for one without a reason, that is over already, or that would hold for too long.
 */
export async function setTlsExceptions(
  ctx: ServiceContext,
  input: z.input<typeof setTlsExceptionsInput>,
): Promise<SettingsChanged> {
  requireRole(ctx, "technician");
  const { serverId, exceptions } = parseInput(setTlsExceptionsInput, input);
  const now = ctx.now();
  for (const exception of exceptions) refuseDay(exception, now);
  return withTransaction(ctx, (tx) =>
    replace(tx, ctx, {
      serverId,
      action: "set-tls-exceptions",
      summary: "Exceptions from TLS changed",
      choose: () => exceptions.map((exception) => tlsExceptionSchema.parse(exception)),
    }),
  );
}

function refuseDay({ domain, until }: { domain: string; until: string }, now: Date): void {
  const field = "exceptions";
  if (!holdsAt({ until }, now))
    throw new ServiceError("invalid", `The exception for ${domain} ended on ${until}; take it out.`, {
      field,
    });
  const last = dayOf(new Date(now.getTime() + exceptionDaysMax * dayMs));
  if (until > last)
    throw new ServiceError(
      "invalid",
      `The exception for ${domain} would hold for more than ${exceptionDaysMax} days; end it by ${last}, and renew it then if it is still needed.`,
      { field },
    );
}

function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}

/**
 * Takes out the exceptions whose last day is over, on every server. The system finds them; each server is seen to in the
 * context of its own organisation, through `app`.
 */
export async function endTlsExceptions(
  ctx: SystemContext,
  { app, installation }: { app: Database; installation: Installation },
): Promise<{ ended: { serverId: string }[]; failed: { serverId: string; cause: unknown }[] }> {
  const today = dayOf(ctx.now());
  const rows = await withSystemTransaction(ctx, (tx) =>
    tx
      .select({ serverId: servers.id, organisationId: servers.organisationId })
      .from(servers)
      .innerJoin(
        targetStates,
        and(eq(targetStates.serverId, servers.id), eq(targetStates.revision, servers.targetRevision)),
      )
      .where(
        sql`jsonb_path_exists(${targetStates.document}::jsonb, '$.tlsExceptions[*] ? (@.until < $today)',
          jsonb_build_object('today', ${today}::text))`,
      )
      .orderBy(asc(servers.id))
      .limit(serversPerRun),
  );
  const ended: { serverId: string }[] = [];
  const failed = await seeToEach(ctx, { rows, app, installation }, async (own, { serverId }) => {
    await withTransaction(own, (tx) =>
      replace(tx, own, {
        serverId,
        action: "end-tls-exceptions",
        summary: "Exceptions from TLS ended",
        choose: (exceptions) => exceptions.filter((exception) => holdsAt(exception, own.now())),
      }),
    );
    ended.push({ serverId });
    return undefined;
  });
  return { ended, failed: failed.map(({ row: { serverId }, cause }) => ({ serverId, cause })) };
}

async function replace(
  tx: Transaction,
  ctx: ServiceContext,
  wanted: {
    serverId: string;
    action: string;
    summary: string;
    choose: (before: readonly TlsException[]) => TlsException[];
  },
): Promise<SettingsChanged> {
  const { serverId, action, summary, choose } = wanted;
  const server = await getServerForChange(tx, serverId);
  const changed = await changeTargetState(tx, ctx, {
    server,
    summary,
    change: (state) => ({ ...state, tlsExceptions: choose(state.tlsExceptions) }),
  });
  if (changed.isChanged)
    await recordAudit(tx, ctx, {
      organisationId: server.organisationId,
      tenantId: server.tenantId,
      action,
      subject: { kind: "server", id: server.id, name: server.name },
      before: { exceptions: changed.before.tlsExceptions },
      after: { exceptions: changed.after.tlsExceptions },
    });
  return { revision: changed.revision, jobId: changed.jobId };
}
