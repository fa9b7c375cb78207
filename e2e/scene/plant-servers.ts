import type { ControlPlane } from "../control-plane/start.ts";
import { query } from "./database.ts";

/** Gives the first customer of the fleet this many servers, named planted-00001 and so on, whose agents have not called. */
export async function plantServers(controlPlane: ControlPlane, count: number): Promise<void> {
  await query(
    controlPlane,
    `insert into servers (id, organisation_id, tenant_id, name, hostname, created_at)
     select gen_random_uuid(), t.organisation_id, t.id, 'planted-' || lpad(n::text, 5, '0'),
       'planted-' || lpad(n::text, 5, '0') || '.example', now()
     from (select * from tenants order by created_at limit 1) t, generate_series(1, $1::int) n`,
    [count],
  );
}
