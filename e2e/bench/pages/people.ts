import { hashPassword } from "@mailstead/services/access";
import type { Client } from "pg";
import type { FleetSize } from "./size.ts";

/** Somebody who looks at pages. */
export interface Person {
  readonly title: string;
  readonly email: string;
  readonly organisation: number;
  /** The only customer that the person sees; null for all of the organisation. */
  readonly tenant: number | null;
}

export const password = "a long enough password for the bench";

/** Who sees most, and who sees one of the smallest customers of the same organisation. */
export function peopleOf({ organisations }: FleetSize): readonly Person[] {
  const tenants = organisations[0]?.tenants ?? 1;
  return [
    { title: "owner", email: "owner@o1.example", organisation: 1, tenant: null },
    { title: "customer", email: "customer@o1.example", organisation: 1, tenant: tenants },
  ];
}

/** Gives each an account, unless there is one. */
export async function makePeople(admin: Client, people: readonly Person[]): Promise<void> {
  const hash = await hashPassword(password);
  for (const { title, email, organisation, tenant } of people) {
    const { rowCount } = await admin.query(
      `insert into users (id, organisation_id, email, name, password_hash, created_at)
        values (gen_random_uuid(), bench.id_of('organisation', $1), $2, $3, $4, now()) on conflict (email) do nothing`,
      [String(organisation), email, title, hash],
    );
    if (rowCount === 1)
      await admin.query(
        `insert into memberships (id, organisation_id, user_id, tenant_id, role, created_at)
          select gen_random_uuid(), organisation_id, id, case when $3::text is not null then bench.id_of('tenant', $2, $3) end, $4, now() from users where email = $1`,
        [email, String(organisation), tenant, tenant === null ? "owner" : "technician"],
      );
  }
}
