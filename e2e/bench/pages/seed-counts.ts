import type { Client } from "pg";
import type { FleetSize } from "./size.ts";

const minutesOfDay = 1440;
/** Minutes are kept for a week before today. */
const minuteDays = 7;

/** How often attempts of one kind may come, in minutes. */
const paces = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 720, 1440] as const;

/**
 * Fills the tables of minutes, hours and days. Attempts of one kind come at a pace, so that an hour and a day are known
 * without adding up a hundred million minutes; a test holds them against the product's own sums. Returns the rows of minutes.
 */
export async function seedCounts(
  admin: Client,
  size: FleetSize,
  { until, log }: { until: Date; log: (line: string) => void },
): Promise<number> {
  const untilMinute = Math.floor(until.getTime() / 60_000);
  const today = Math.floor(untilMinute / minutesOfDay) * minutesOfDay;
  const from = today - minuteDays * minutesOfDay;
  await makeKinds(admin, { untilMinute, days: size.dayDays });
  // How many kinds there are of each customer, server and domain, so that a bench finds the largest.
  await admin.query(`create table bench.kinds_of as select word, count(*) from bench.kinds
    cross join lateral unnest(array[tenant_id::text, server_id::text, domain]) word group by word`);
  await admin.query("create unique index on bench.kinds_of (word)");
  await setPaces(admin, size.minuteRows / (untilMinute - from));
  await makeSketches(admin, {
    untilMinute,
    from: today - size.dayDays * minutesOfDay,
  });
  await withoutIndexes(
    admin,
    { tables: ["delivery_minutes", "delivery_hours", "delivery_days"], log },
    async () => {
      for (let minute = from; minute < untilMinute; minute += 60)
        await fillMinutes(admin, { from: minute, until: Math.min(minute + 60, untilMinute) });
      log("minutes are written");
      await fillPeriods(admin, "delivery_hours", {
        minutes: 60,
        from: today - size.hourDays * minutesOfDay,
        until: untilMinute,
      });
      await fillPeriods(admin, "delivery_days", {
        minutes: minutesOfDay,
        from: today - size.dayDays * minutesOfDay,
        until: untilMinute,
      });
      log("hours and days are written");
    },
  );
  const { rows } = await admin.query<{ count: string }>("select count(*) from delivery_minutes");
  return Number(rows[0]?.count);
}

/** Every kind of attempt that there is: who sends to whom, what becomes of it, and how much of it there is. */
async function makeKinds(
  admin: Client,
  { untilMinute, days }: { untilMinute: number; days: number },
): Promise<void> {
  await admin.query(`create table bench.kinds as
    with receivers (provider, share) as (values ('gmail', 0.30), ('outlook', 0.14), ('microsoft365', 0.16), ('yahoo', 0.08),
      ('apple', 0.05), ('gmx', 0.10), ('t-online', 0.06), ('', 0.11)),
    -- What becomes of it, how much of all it is, at how many senders, and for how many hours at a time; 0 for always.
    fates (status, category, share, likely, hours) as (values ('sent', '', 0.93, 1.0, 0), ('bounced', 'unknown-user', 0.015, 0.7, 0),
      ('deferred', 'greylisting', 0.02, 0.3, 0), ('deferred', 'rate-limit', 0.05, 0.3, 30), ('deferred', 'ip-reputation', 0.2, 0.05, 50),
      ('bounced', 'content-spam', 0.02, 0.08, 10), ('bounced', 'domain-reputation', 0.1, 0.02, 40),
      ('deferred', 'connection', 0.05, 0.1, 3), ('bounced', 'mailbox-full', 0.005, 0.3, 0)),
    senders as (
      select d.id, d.organisation_id, d.tenant_id, d.name as domain, s.id as server_id, s.facts -> 'ipAddresses' as addresses,
        -- As in any fleet, a few send most.
        1 / power(1 + 400 * bench.chance('w' || d.name), 0.9) as weight
      from domains d join domain_servers ds on ds.domain_id = d.id and ds.role = 'home' join servers s on s.id = ds.server_id)
    select server_id, organisation_id, tenant_id, 'outbound' as direction, domain,
      case when provider = 'gmail' and bench.chance('6' || domain) < 0.3 then addresses ->> 1 else addresses ->> 0 end as sending_address,
      provider, status, category, weight * receivers.share * fates.share as weight,
      case when hours = 0 then 0 else ${untilMinute - days * minutesOfDay}
        + 60 * floor(${days * 24} * bench.chance('b' || domain || provider || category))::int end as from_minute,
      hours, 0 as pace, 0 as phase, 1 as attempts, 20 + (hashtext(domain || provider) & 7) * 2 as bucket
    from senders cross join receivers cross join fates
    where bench.chance(domain || provider || status || category) < likely
    union all
    select server_id, organisation_id, tenant_id, direction, domain, '', '', 'sent', '', weight * share, 0, 0, 0, 0, 1, 10
    from senders cross join (values ('inbound', 0.5), ('internal', 0.1)) as others (direction, share)`);
  await admin.query(`alter table bench.kinds add until_minute integer`);
  await admin.query(`update bench.kinds set
    until_minute = case when hours = 0 then 2147483647
      else from_minute + 60 * (1 + floor(2 * hours * bench.chance('l' || domain || provider || category))::int) end`);
}

/** Sets how often each kind comes, so that all together make as many rows a minute as wanted. */
async function setPaces(admin: Client, rowsPerMinute: number): Promise<void> {
  const { rows } = await admin.query<{ weight: number }>(
    "select weight::float8 from bench.kinds where hours = 0",
  );
  const weights = rows.map(({ weight }) => weight);
  const paceOf = (rate: number) => paces.find((pace) => pace * rate >= 1) ?? minutesOfDay;
  const made = (factor: number) => weights.reduce((sum, weight) => sum + 1 / paceOf(weight * factor), 0);
  let [low, high] = [0, 1];
  while (made(high) < rowsPerMinute && high < 1e9) high *= 2;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (made(middle) < rowsPerMinute) low = middle;
    else high = middle;
  }
  await admin.query(`update bench.kinds set
    pace = coalesce((select min(p) from unnest(array[${paces.join(",")}]) p where p * weight * ${high} >= 1), ${minutesOfDay}),
    -- Few different numbers, so that few sketches are to be made.
    attempts = (select max(a) from unnest(array[1, 2, 3, 5, 8, 13, 21, 34, 55]) a where a <= greatest(1, weight * ${high}))`);
  await admin.query(
    "update bench.kinds set phase = floor(pace * bench.chance('p' || domain || provider || status || category))",
  );
  await admin.query("analyze bench.kinds");
}

/** How many times a kind came from one minute to another, and the number of the first. */
const timesBetween = (from: string, until: string) =>
  `(${until} - 1 - phase) / pace - (${from} - 1 - phase) / pace`;
const firstAfter = (from: string) => `(${from} - 1 - phase) / pace + 1`;

/** The latencies of a kind move through eight buckets in turn, so those of many times are known by how many and by the first. */
async function makeSketches(
  admin: Client,
  { untilMinute, from }: { untilMinute: number; from: number },
): Promise<void> {
  await admin.query(`create function bench.sketch_of(bucket integer, attempts integer, times bigint, first bigint) returns jsonb language sql immutable
    return (select coalesce(jsonb_object_agg(at, n), '{}') from (
      select at, sum(n) as n from (
        select bucket + turn + part.above as at,
          case part.above when 0 then attempts - attempts / 3 else attempts / 3 end * ((times + 7 - (turn - first % 8 + 8) % 8) / 8) as n
        from generate_series(0, 7) turn cross join (values (0), (3)) as part (above)) both_parts
      where n > 0 group by at) sums)`);
  await admin.query(`create table bench.sketches as
    select bucket, attempts, times, first, bench.sketch_of(bucket, attempts, times, first) as sketch from (
      select distinct bucket, attempts, times, first from (
        select bucket, attempts, ${timesBetween("lo", "hi")} as times, (${firstAfter("lo")}) % 8 as first
        from (select k.*, greatest(p.at, from_minute) as lo, least(p.at + p.minutes, until_minute, ${untilMinute}) as hi
          from bench.kinds k cross join (
            select at, ${minutesOfDay} as minutes from generate_series(${from}, ${untilMinute}, ${minutesOfDay}) at
          ) p where status = 'sent') periods
        where hi > lo
        union all
        select bucket, attempts, times, first from (select distinct bucket, attempts from bench.kinds where status = 'sent') alike
          cross join generate_series(1, 60) times cross join generate_series(0, 7) first) needed
      where times > 0) known`);
  await admin.query("create unique index on bench.sketches (bucket, attempts, times, first)");
  await admin.query("analyze bench.sketches");
  await admin.query("alter table bench.kinds add sketches jsonb[]");
  await admin.query(`update bench.kinds set sketches = case when status = 'sent'
    then (select array_agg(sketch order by first) from bench.sketches s
      where s.bucket = kinds.bucket and s.attempts = kinds.attempts and times = 1)
    else array_fill('{}'::jsonb, array[8]) end`);
  await admin.query("analyze bench.kinds");
}

const columns =
  "server_id, starts_at, direction, domain, sending_address, provider, status, category, organisation_id, tenant_id, attempts, first_attempts, over_tls, size_bytes, latencies";

/** The values of a row that stands for so many times of a kind. */
const valuesOf = (startsAt: string, times: string, sketch: string) =>
  `server_id, ${startsAt}, direction, domain, sending_address, provider, status, category, organisation_id, tenant_id,
    attempts * ${times}, case status when 'deferred' then 0 else attempts * ${times} end,
    case status when 'sent' then attempts * ${times} else 0 end, attempts * ${times} * 7000, ${sketch}`;

async function fillMinutes(admin: Client, { from, until }: { from: number; until: number }): Promise<void> {
  await admin.query(`insert into delivery_minutes (${columns})
    select ${valuesOf("to_timestamp(minute * 60)", "1", "sketches[1 + ((minute - phase) / pace) % 8]")}
    from bench.kinds cross join lateral generate_series(
      greatest(${from}, from_minute) + (phase - greatest(${from}, from_minute) % pace + pace) % pace,
      least(${until}, until_minute) - 1, pace) minute`);
}

async function fillPeriods(
  admin: Client,
  table: "delivery_hours" | "delivery_days",
  { minutes, from, until }: { minutes: number; from: number; until: number },
): Promise<void> {
  await admin.query(`insert into ${table} (${columns})
    select ${valuesOf("to_timestamp(period * 60::float8)", "periods.times", "coalesce(sketch, '{}')").replaceAll("attempts *", "periods.attempts *")}
    from (select *, ${timesBetween("lo", "hi")} as times, (${firstAfter("lo")}) % 8 as first
      from (select k.*, period, greatest(period, from_minute) as lo, least(period + ${minutes}, until_minute, ${until}) as hi
        from generate_series(${from}, ${until - 1}, ${minutes}) period cross join bench.kinds k) open
      where hi > lo offset 0) periods
    left join bench.sketches s on status = 'sent' and s.bucket = periods.bucket and s.attempts = periods.attempts
      and s.times = periods.times and s.first = periods.first
    where periods.times > 0`);
}

/** Rows come first and indexes afterwards, which takes a fraction of the time. What they are is read from the database. */
async function withoutIndexes(
  admin: Client,
  { tables, log }: { tables: readonly string[]; log: (line: string) => void },
  fill: () => Promise<void>,
): Promise<void> {
  const again: string[] = [];
  for (const table of tables) {
    const { rows: partitions } = await admin.query<{ name: string }>(
      "select inhrelid::regclass::text as name from pg_inherits where inhparent = $1::regclass",
      [table],
    );
    for (const { name } of partitions) await admin.query(`alter table ${name} set unlogged`);
    const { rows } = await admin.query<{ name: string; definition: string; constraint: string | null }>(
      `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition, pg_get_constraintdef(c.oid) as constraint
        from pg_index left join pg_constraint c on c.conindid = indexrelid and c.contype = 'p' where indrelid = $1::regclass`,
      [table],
    );
    for (const { name, definition, constraint } of rows) {
      await admin.query(
        constraint === null ? `drop index ${name}` : `alter table ${table} drop constraint ${name}`,
      );
      again.push(
        constraint === null
          ? definition.replace(" ON ONLY ", " ON ")
          : `alter table ${table} add constraint ${name} ${constraint}`,
      );
    }
  }
  // Whose rows they are is right by how they are made; asking for each would take longer than all else.
  await admin.query("set session_replication_role = replica");
  await admin.query("set work_mem = '256MB'");
  await fill();
  await admin.query("reset session_replication_role");
  await admin.query("set maintenance_work_mem = '1GB'");
  for (const statement of again) {
    await admin.query(statement);
    log(statement.slice(0, 100));
  }
}
