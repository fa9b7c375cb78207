import { checkSoon } from "@mailstead/core/domains";
import { type MtaStsStep, mtaStsStepProblem } from "@mailstead/core/mail-flow";
import { type MtaStsSettings, mtaStsModeSchema, type TargetState } from "@mailstead/core/servers";
import { domains } from "@mailstead/db";
import { eq } from "drizzle-orm";
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
import { readDomainServers } from "./domain-servers.ts";
import { readUntrustedHosts } from "./untrusted-hosts.ts";

const changeMtaStsInput = z.object({ domainId: z.uuid(), mode: mtaStsModeSchema });

/**
 * Takes a domain's MTA-STS policy to the next mode, or one back, on its home, which serves it; its record is planned anew
 * from the same settings and looked for soon. `jobId` is the home's converge. Throws `precondition-failed` for a step that
 * would leave senders with a policy nobody explained to them, and for enforcing one that its hosts cannot keep.
 */
export async function changeMtaSts(
  ctx: ServiceContext,
  input: z.input<typeof changeMtaStsInput>,
): Promise<{ jobId: string | null }> {
  requireRole(ctx, "technician");
  const { domainId, mode } = parseInput(changeMtaStsInput, input);
  return withTransaction(ctx, async (tx) => {
    const { name, organisationId, tenantId } = await getDomainForChange(tx, domainId);
    const hosts = await readDomainServers(tx, domainId);
    const [home] = hosts;
    if (home === undefined) throw new ServiceError("not-found", `${name} is on no server.`);
    const untrustedHosts = await readUntrustedHosts(tx, hosts, ctx.now());
    const changed = await changeTargetState(tx, ctx, {
      server: await getServerForChange(tx, home.id),
      summary: `MTA-STS of ${name}: ${mode}`,
      change: (state) => withMode(state, { name, mode, untrustedHosts }),
    });
    const before = modeOf(changed.before, name);
    if (before !== mode) {
      await tx.update(domains).set(checkSoon(ctx.now())).where(eq(domains.id, domainId));
      await recordAudit(tx, ctx, {
        organisationId,
        tenantId,
        action: "change-mta-sts",
        subject: { kind: "domain", id: domainId, name },
        before: { mode: before },
        after: { mode },
      });
    }
    return { jobId: changed.jobId };
  });
}

function modeOf({ domains: hosted }: TargetState, name: string): MtaStsSettings["mode"] | undefined {
  return hosted.find((domain) => domain.name === name)?.mtaSts.mode;
}

function withMode(
  state: TargetState,
  {
    name,
    mode,
    untrustedHosts,
  }: {
    name: string;
    mode: MtaStsSettings["mode"];
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
      domain.name === name ? { ...domain, mtaSts: { ...domain.mtaSts, mode } } : domain,
    ),
  };
}
