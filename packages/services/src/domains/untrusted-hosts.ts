import type { HostTrust } from "@mailstead/core/checks";
import type { MtaStsStep } from "@mailstead/core/mail-flow";
import type { Transaction } from "@mailstead/db";
import { readHostTrust } from "../checks/index.ts";
import { type DomainServer, mxHostsOf } from "./domain-servers.ts";

/** The mail hosts of a domain that are not known to show a certificate which the world trusts, and what is known. */
export async function readUntrustedHosts(
  tx: Transaction,
  hosts: readonly DomainServer[],
  now: Date,
): Promise<(MtaStsStep["untrustedHosts"][number] & { kind: Exclude<HostTrust["kind"], "trusted"> })[]> {
  const receiving = new Set(mxHostsOf(hosts));
  const mailHosts = hosts.filter(({ hostname }) => receiving.has(hostname));
  const trust = await readHostTrust(tx, mailHosts, now);
  return mailHosts.flatMap(({ id, hostname }) => {
    const known = trust.get(id);
    return known === undefined || known.kind === "trusted" ? [] : [{ hostname, ...known }];
  });
}
