import type { TargetState } from "@mailstead/core/servers";
import { certificates, domainServers, type Transaction } from "@mailstead/db";
import { asc, eq } from "drizzle-orm";
import { type ServiceContext, ServiceError } from "../context/index.ts";
import { type DirectoryEdit, editDirectory } from "../mailboxes/index.ts";
import { changeTargetState, getServerForChange } from "../servers/index.ts";

/**
 * Has every server of a locked domain forget it at once, with its certificates; mail to it is refused from then on, and
 * what lies on their disks stays. Gives the servers. Throws `precondition-failed` while its MTA-STS policy is enforced.
 */
export async function leaveAllServers(
  tx: Transaction,
  ctx: ServiceContext,
  {
    domain,
    edits,
    summary,
  }: { domain: { id: string; name: string }; edits: readonly DirectoryEdit[]; summary: string },
): Promise<string[]> {
  const { id: domainId, name } = domain;
  const certificateIds = new Set(
    (
      await tx.select({ id: certificates.id }).from(certificates).where(eq(certificates.domainId, domainId))
    ).map(({ id }) => id),
  );
  const hosts = await tx
    .select({ serverId: domainServers.serverId })
    .from(domainServers)
    .where(eq(domainServers.domainId, domainId))
    .orderBy(asc(domainServers.serverId));
  for (const { serverId } of hosts) {
    const server = await getServerForChange(tx, serverId);
    await editDirectory(tx, ctx, { server, edits: [...edits] });
    await changeTargetState(tx, ctx, {
      server,
      summary,
      change: (state) => {
        refuseEnforced(state, name);
        return {
          ...state,
          domains: state.domains.filter((known) => known.name !== name),
          certificates: state.certificates.filter(({ id }) => !certificateIds.has(id)),
        };
      },
    });
  }
  return hosts.map(({ serverId }) => serverId);
}

/** Senders that remember an enforced policy would refuse whatever comes after these servers. */
function refuseEnforced({ domains }: TargetState, name: string): void {
  if (domains.find((domain) => domain.name === name)?.mtaSts.mode !== "enforce") return;
  throw new ServiceError(
    "precondition-failed",
    `MTA-STS of ${name} is enforced: senders that remember that would hold back mail for its next servers. Take it to testing first.`,
  );
}
