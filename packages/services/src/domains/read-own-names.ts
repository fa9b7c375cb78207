import { certificates, servers, type Transaction } from "@mailstead/db";
import { sql } from "drizzle-orm";

/** Names at a domain and below it that servers of the organisation have, or certificates that they show. */
export async function readOwnNames(tx: Transaction, domain: string): Promise<string[]> {
  const hosts = await tx
    .select({ name: servers.hostname })
    .from(servers)
    .where(sql`('.' || ${servers.hostname}) like ${`%.${domain}`}`);
  const certified = await tx
    .select({ names: certificates.names })
    .from(certificates)
    .where(
      sql`exists (select from unnest(${certificates.names}) as name where ('.' || name) like ${`%.${domain}`})`,
    );
  const isWithin = (name: string) => `.${name}`.endsWith(`.${domain}`);
  return [...new Set([...hosts.map(({ name }) => name), ...certified.flatMap(({ names }) => names)])]
    .filter(isWithin)
    .sort();
}
