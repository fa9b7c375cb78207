import { mtaStsStepProblem } from "@mailstead/core/mail-flow";
import { type MtaStsSettings, mtaStsModeSchema, type TargetState } from "@mailstead/core/servers";
import { domainServers, domains, servers } from "@mailstead/db";
import { asc, eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { getDomainForChange } from "../mailboxes/index.ts";
import { changeTargetState, getServerForChange } from "../servers/index.ts";

const changeMtaStsInput = z.object({ domainId: z.uuid(), mode: mtaStsModeSchema });

/**
 * Takes a domain's MTA-STS policy to the next mode, or one back, on all of its servers; its record is planned anew from
 * the same settings and looked for soon. `jobId` is the converge of its first server. Throws `precondition-failed` for
 * a step that would leave senders with a policy nobody explained to them.
 */
export async function changeMtaSts(
  ctx: ServiceContext,
  input: z.input<typeof changeMtaStsInput>,
): Promise<{ jobId: string | null }> {
  requireRole(ctx, "technician");
  const { domainId, mode } = parseInput(changeMtaStsInput, input);
  return withTransaction(ctx, async (tx) => {
    const { name, organisationId, tenantId } = await getDomainForChange(tx, domainId);
    const hosts = await tx
      .select({ id: servers.id, hostname: servers.hostname })
      .from(domainServers)
      .innerJoin(servers, eq(servers.id, domainServers.serverId))
      .where(eq(domainServers.domainId, domainId))
      .orderBy(asc(servers.id));
    const mxHosts = hosts.length > 1 ? hosts.map(({ hostname }) => hostname as MxHost) : [];
    const jobIds: (string | null)[] = [];
    let before: MtaStsSettings["mode"] | undefined;
    for (const { id } of hosts) {
      const server = await getServerForChange(tx, id);
      const changed = await changeTargetState(tx, ctx, {
        server,
        summary: `MTA-STS of ${name}: ${mode}`,
        change: (state) => withMode(state, { name, mode, mxHosts }),
      });
      before ??= modeOf(changed.before, name);
      jobIds.push(changed.jobId);
    }
    if (before !== mode) {
      await tx.update(domains).set({ nextCheckAt: ctx.now() }).where(eq(domains.id, domainId));
      await recordAudit(tx, ctx, {
        organisationId,
        tenantId,
        action: "change-mta-sts",
        subject: { kind: "domain", id: domainId, name },
        before: { mode: before },
        after: { mode },
      });
    }
    return { jobId: jobIds[0] ?? null };
  });
}

type MxHost = MtaStsSettings["mxHosts"][number];

function modeOf({ domains: hosted }: TargetState, name: string): MtaStsSettings["mode"] | undefined {
  return hosted.find((domain) => domain.name === name)?.mtaSts.mode;
}

function withMode(
  state: TargetState,
  { name, mode, mxHosts }: { name: string; mode: MtaStsSettings["mode"]; mxHosts: MxHost[] },
): TargetState {
  const from = modeOf(state, name) ?? "none";
  const problem = mtaStsStepProblem({ domain: name, from, to: mode, isServed: state.web.isEnabled });
  if (problem !== null) throw new ServiceError("precondition-failed", problem, { field: "mode" });
  return {
    ...state,
    domains: state.domains.map((domain) =>
      domain.name === name ? { ...domain, mtaSts: { ...domain.mtaSts, mode, mxHosts } } : domain,
    ),
  };
}
