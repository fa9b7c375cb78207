import type { TargetState } from "@mailstead/core/servers";
import type { Transaction } from "@mailstead/db";
import type { ServiceContext } from "../context/index.ts";
import { changeTargetState, getServerForChange } from "../servers/index.ts";
import { asPartner, type DomainServer, mxHostsOf, readDomainServers } from "./domain-servers.ts";

/**
 * Tells every server of a locked domain who its servers are and what each is for, as the rows say now; nobody is told
 * what it knows. `also` changes more of one server in the same revision.
 */
export async function tellDomainServers(
  tx: Transaction,
  ctx: ServiceContext,
  {
    domain,
    summary,
    also,
  }: {
    domain: { id: string; name: string };
    summary: string;
    also?: { serverId: string; change: (state: TargetState) => TargetState };
  },
): Promise<void> {
  const hosts = await readDomainServers(tx, domain.id);
  // Always in the same order, so that two changes cannot wait for each other.
  for (const host of [...hosts].sort((left, right) => (left.id < right.id ? -1 : 1)))
    await changeTargetState(tx, ctx, {
      server: await getServerForChange(tx, host.id),
      summary,
      change: (state) =>
        withShare(also?.serverId === host.id ? also.change(state) : state, {
          name: domain.name,
          host,
          hosts,
        }),
    });
}

function withShare(
  state: TargetState,
  { name, host, hosts }: { name: string; host: DomainServer; hosts: readonly DomainServer[] },
): TargetState {
  const others = hosts.filter(({ id }) => id !== host.id).map(asPartner);
  const mxHosts = mxHostsOf(hosts) as TargetState["domains"][number]["mtaSts"]["mxHosts"];
  return {
    ...state,
    domains: state.domains.map((known) => {
      if (known.name !== name) return known;
      const { share: _, ...domain } = known;
      return {
        ...domain,
        // The policy of a domain with one server follows that server's name by itself.
        mtaSts: { ...domain.mtaSts, mxHosts: hosts.length > 1 && host.role === "home" ? mxHosts : [] },
        ...(others.length === 0 ? {} : { share: { role: host.role, others } }),
      };
    }),
  };
}
