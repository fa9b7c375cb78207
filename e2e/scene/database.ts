import pg from "pg";
import type { ControlPlane } from "../control-plane/start.ts";

/** Asks the control plane's database one thing, as its administrator. */
export async function query<Row extends pg.QueryResultRow>(
  controlPlane: ControlPlane,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: controlPlane.adminDatabaseUrl });
  client.on("error", () => undefined); // Whatever breaks the line also rejects the query that waits on it.
  await client.connect();
  try {
    return (await client.query<Row>(text, [...values])).rows;
  } finally {
    await client.end();
  }
}

export interface JobRow {
  readonly id: string;
  readonly verb: string;
  readonly state: string;
  /** How many events the agent told of. */
  readonly events: number;
  /** How many of its steps have ended. */
  readonly stepsEnded: number;
  /** The highest number among them: larger than `events` when one is missing. */
  readonly lastNumber: number;
}

/** The jobs of a server, oldest first. */
export function jobsOf(controlPlane: ControlPlane, serverName: string): Promise<JobRow[]> {
  return query<JobRow>(
    controlPlane,
    `select j.id, j.verb, j.state, count(e.number)::int as events,
            count(*) filter (where e.body ->> 'kind' = 'step-ended')::int as "stepsEnded",
            coalesce(max(e.number), 0) as "lastNumber"
       from jobs j left join job_events e on e.job_id = j.id
      where j.server_id = (select id from servers where name = $1)
      group by j.id order by j.sequence`,
    [serverName],
  );
}

/** How many deliveries the queue in Postgres holds; a gateway that is at work takes one out at once. */
export async function countQueuedDeliveries(controlPlane: ControlPlane): Promise<number> {
  const [row] = await query<{ count: number }>(
    controlPlane,
    "select count(*)::int as count from mailstead_queue.job where queue like 'deliver-%'",
  );
  return row?.count ?? 0;
}

/** The lines that the agent logged in a job, as the control plane keeps them. */
export function storedLog(
  controlPlane: ControlPlane,
  jobId: string,
): Promise<{ number: number; text: string }[]> {
  return query(
    controlPlane,
    `select number, body ->> 'text' as text from job_events
      where job_id = $1 and body ->> 'kind' = 'log' order by number`,
    [jobId],
  );
}

/** Takes every entry out of the queue that lies in Postgres, as if it had been lost. */
export async function wipePostgresQueue(controlPlane: ControlPlane): Promise<void> {
  const tables = await query<{ name: string }>(
    controlPlane,
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname = 'mailstead_queue' and tablename not like '%migration%'`,
  );
  if (tables.length === 0) throw new Error("The queue has no tables.");
  await query(controlPlane, `truncate ${tables.map(({ name }) => name).join(", ")} cascade`);
}

export interface DeliveryCountRow {
  readonly provider: string;
  readonly status: string;
  readonly attempts: number;
  readonly overTls: number;
}

/** How the mail that a server sent for a domain was taken, by receiver. */
export function countDeliveries(
  controlPlane: ControlPlane,
  { server, domain }: { server: string; domain: string },
): Promise<DeliveryCountRow[]> {
  return query<DeliveryCountRow>(
    controlPlane,
    `select provider, status, sum(attempts)::int as attempts, sum(over_tls)::int as "overTls" from delivery_days
     where direction = 'outbound' and domain = $2 and server_id = (select id from servers where name = $1)
     group by provider, status order by provider, status`,
    [server, domain],
  );
}

/** All that is stored of deliveries, as one text. */
export async function toldDeliveries(controlPlane: ControlPlane): Promise<string> {
  const [row] = await query<{ told: string }>(
    controlPlane,
    `select coalesce((select jsonb_agg(to_jsonb(d)) from delivery_minutes d), '[]')::text
       || coalesce((select jsonb_agg(to_jsonb(r)) from reply_samples r), '[]')::text as told`,
  );
  return row?.told ?? "";
}
