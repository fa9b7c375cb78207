import pg from "pg";
import type { ControlPlane } from "../control-plane/start.ts";

/** Moments that the control plane keeps of what receivers answer, what is done about it, and who was told. */
const moments: Readonly<Record<string, readonly string[]>> = {
  reply_samples: ["said_at"],
  check_findings: ["opened_at", "closed_at", "opened_told_at", "closed_told_at", "snoozed_until"],
  measures: ["started_at", "stepped_at", "ends_at", "look_at", "ended_at"],
  told_findings: ["told_at"],
  // Not `taken_until`: a worker that is sending now would lose what it took, and another would send it once more.
  alerts: ["created_at", "due_at", "sent_at", "failed_at"],
};
const figures = ["firstAt", "lastAt", "lastDeliveredAt"];

/**
 * Lets minutes pass at the control plane: all that it knows of deliveries, findings, measures and alerts happened by so
 * much earlier. Clocks stay as they are, so hosts, sessions and certificates notice nothing.
 */
export async function letTimePass(controlPlane: ControlPlane, minutes: number): Promise<void> {
  const client = new pg.Client({ connectionString: controlPlane.adminDatabaseUrl });
  await client.connect();
  const by = `interval '${minutes} minutes'`;
  try {
    await client.query("begin");
    // Moved as a whole: a row that moves onto the place of one that has not yet moved would be refused.
    await client.query("lock table delivery_minutes in exclusive mode");
    await client.query("create temporary table moved on commit drop as select * from delivery_minutes");
    await client.query(`update moved set starts_at = starts_at - ${by}`);
    await client.query("delete from delivery_minutes");
    await client.query("insert into delivery_minutes select * from moved");
    for (const [table, columns] of Object.entries(moments))
      await client.query(`update ${table} set ${columns.map((one) => `${one} = ${one} - ${by}`).join(", ")}`);
    for (const name of figures)
      await client.query(
        `update check_findings set details = jsonb_set(details, $1, to_jsonb((details #>> $1)::bigint - $2::bigint))
          where jsonb_typeof(details #> $1) = 'number'`,
        [["figures", name], minutes * 60_000],
      );
    await client.query("commit");
  } finally {
    await client.end();
  }
}
