import type { TargetState } from "@mailstead/core/servers";
import type { Transaction } from "@mailstead/db";
import type { ServiceContext } from "../context/index.ts";
import { changeTargetState, getServerForChange } from "../servers/index.ts";
import { asPartner, type DomainServer, mxHostsOf, readDomainServers } from "./domain-servers.ts";

interface KnownDomain {
  id: string;
  name: string;
}

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
    domain: KnownDomain;
    summary: string;
    also?: { serverId: string; change: (state: TargetState) => TargetState };
  },
): Promise<void> {
  await tellServersOfDomains(tx, ctx, {
    domains: [domain],
    summary,
    ...(also === undefined ? {} : { also }),
  });
}

/** The same for several locked domains; a server that has many of them gets one revision. */
export async function tellServersOfDomains(
  tx: Transaction,
  ctx: ServiceContext,
  {
    domains,
    summary,
    also,
  }: {
    domains: readonly KnownDomain[];
    summary: string;
    also?: { serverId: string; change: (state: TargetState) => TargetState };
  },
): Promise<void> {
  const shares: { name: string; host: DomainServer; hosts: readonly DomainServer[] }[] = [];
  for (const { id, name } of domains) {
    const hosts = await readDomainServers(tx, id);
    shares.push(...hosts.map((host) => ({ name, host, hosts })));
  }
  // Always in the same order, so that two changes cannot wait for each other.
  for (const serverId of [...new Set(shares.map(({ host }) => host.id))].sort()) {
    const own = new Map(
      shares.filter(({ host }) => host.id === serverId).map((share) => [share.name, share]),
    );
    await changeTargetState(tx, ctx, {
      server: await getServerForChange(tx, serverId),
      summary,
      change: (state) => withShares(also?.serverId === serverId ? also.change(state) : state, own),
    });
  }
}

function withShares(
  state: TargetState,
  shares: ReadonlyMap<string, { host: DomainServer; hosts: readonly DomainServer[] }>,
): TargetState {
  return {
    ...state,
    domains: state.domains.map((known) => {
      const wanted = shares.get(known.name);
      if (wanted === undefined) return known;
      const { host, hosts } = wanted;
      const others = hosts.filter(({ id }) => id !== host.id).map(asPartner);
      const mxHosts = mxHostsOf(hosts) as TargetState["domains"][number]["mtaSts"]["mxHosts"];
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
