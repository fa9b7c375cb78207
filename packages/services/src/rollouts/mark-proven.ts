import { rolloutMembers, servers, type Transaction } from "@mailstead/db";
import { sql } from "drizzle-orm";

/** Lets through whoever is to get nothing but versions that canaries of the same distribution have now and are well with. */
export async function markProven(tx: Transaction, rolloutId: string): Promise<void> {
  const key = sql`host.facts ->> 'suite' || ' ' || (one ->> 'architecture') || ' ' || (one ->> 'name') || ' ' || (one ->> 'version')`;
  await tx.execute(sql`
    with proven as materialized (
      select coalesce(array_agg(distinct ${key}), '{}') as keys
      from ${rolloutMembers} member join ${servers} host on host.id = member.server_id,
        jsonb_array_elements(member.packages) as one
      where member.rollout_id = ${rolloutId} and member.wave = 0 and member.state = 'succeeded'
    )
    update ${rolloutMembers} as member set is_proven = true
    from ${servers} host, proven
    where member.rollout_id = ${rolloutId} and host.id = member.server_id and not member.is_proven and member.state = 'waiting'
      and (select coalesce(array_agg(${key}), '{}') from jsonb_array_elements(member.packages) as one) <@ proven.keys`);
}
