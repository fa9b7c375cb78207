import { type MtaStsStep, mtaStsStepProblem } from "@mailstead/core/mail-flow";
import { type MtaStsSettings, mtaStsModeSchema, type TargetState } from "@mailstead/core/servers";
import { domainServers, domains, servers, type Transaction } from "@mailstead/db";
import { asc, eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import { readHostTrust } from "../checks/index.ts";
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
 * a step that would leave senders with a policy nobody explained to them, and for enforcing one that its hosts cannot keep.
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
    const untrustedHosts = await readUntrustedHosts(tx, hosts, ctx.now());
    const mxHosts = hosts.length > 1 ? hosts.map(({ hostname }) => hostname as MxHost) : [];
    const jobIds: (string | null)[] = [];
    let before: MtaStsSettings["mode"] | undefined;
    for (const { id } of hosts) {
      const server = await getServerForChange(tx, id);
      const changed = await changeTargetState(tx, ctx, {
        server,
        summary: `MTA-STS of ${name}: ${mode}`,
        change: (state) => withMode(state, { name, mode, mxHosts, untrustedHosts }),
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

/** Hosts of a domain that senders would refuse which enforce its policy, with what is known of them. */
export async function readUntrustedHosts(
  tx: Transaction,
  hosts: readonly { id: string; hostname: string }[],
  now: Date,
): Promise<MtaStsStep["untrustedHosts"]> {
  const trust = await readHostTrust(tx, hosts, now);
  return hosts.flatMap(({ id, hostname }) => {
    const known = trust.get(id);
    return known === undefined || known.kind === "trusted" ? [] : [{ hostname, why: known.why }];
  });
}

type MxHost = MtaStsSettings["mxHosts"][number];

function modeOf({ domains: hosted }: TargetState, name: string): MtaStsSettings["mode"] | undefined {
  return hosted.find((domain) => domain.name === name)?.mtaSts.mode;
}

function withMode(
  state: TargetState,
  {
    name,
    mode,
    mxHosts,
    untrustedHosts,
  }: {
    name: string;
    mode: MtaStsSettings["mode"];
    mxHosts: MxHost[];
    untrustedHosts: MtaStsStep["untrustedHosts"];
  },
): TargetState {
  const from = modeOf(state, name) ?? "none";
  const problem = mtaStsStepProblem({
    domain: name,
    from,
    to: mode,
    isServed: state.web.isEnabled,
    untrustedHosts,
  });
  if (problem !== null) throw new ServiceError("precondition-failed", problem, { field: "mode" });
  return {
    ...state,
    domains: state.domains.map((domain) =>
      domain.name === name ? { ...domain, mtaSts: { ...domain.mtaSts, mode, mxHosts } } : domain,
    ),
  };
}
