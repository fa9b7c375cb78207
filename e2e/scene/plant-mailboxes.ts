import type { ControlPlane } from "../control-plane/start.ts";
import { query } from "./database.ts";

/** Gives the first domain of the fleet this many mailboxes, named bulk-00001 and so on. */
export async function plantMailboxes(controlPlane: ControlPlane, count: number): Promise<void> {
  await query(
    controlPlane,
    `insert into mailboxes (id, organisation_id, tenant_id, domain_id, local_part, password_hash, quota_bytes, created_at)
     select gen_random_uuid(), d.organisation_id, d.tenant_id, d.id, 'bulk-' || lpad(n::text, 5, '0'), '{ARGON2ID}none', 0, now()
       from (select * from domains order by name limit 1) d, generate_series(1, $1::integer) n`,
    [count],
  );
}
