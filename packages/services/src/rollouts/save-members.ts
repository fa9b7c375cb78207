import { rolloutMembers, type Transaction } from "@mailstead/db";
import { getTableColumns, sql } from "drizzle-orm";

export type MemberRow = typeof rolloutMembers.$inferSelect;

const kept = [
  "rolloutId",
  "serverId",
  "organisationId",
  "tenantId",
  "wave",
  "position",
  "packages",
  "configuration",
  "keepApart",
  // Written beside looks at the rollout.
  "outside",
];
const changing = Object.entries(getTableColumns(rolloutMembers)).filter(([key]) => !kept.includes(key));

/** Writes what has become of members, in one statement however many they are. */
export async function saveMembers(tx: Transaction, rows: readonly MemberRow[]): Promise<void> {
  if (rows.length === 0) return;
  const records = rows.map((row) =>
    Object.fromEntries([
      ["rollout_id", row.rolloutId],
      ["server_id", row.serverId],
      ...changing.map(([key, column]) => [column.name, row[key as keyof MemberRow]]),
    ]),
  );
  const sets = sql.join(
    changing.map(([, column]) => sql`${sql.identifier(column.name)} = told.${sql.identifier(column.name)}`),
    sql`, `,
  );
  await tx.execute(sql`update ${rolloutMembers} as member set ${sets}
    from jsonb_populate_recordset(null::${rolloutMembers}, ${JSON.stringify(records)}::jsonb) as told
    where member.rollout_id = told.rollout_id and member.server_id = told.server_id`);
}
