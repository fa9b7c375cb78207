import type { Client } from "pg";

const hourDaysOfVerdicts = 30;

/** What others and the worker add to the counts: reputations, samples, findings, block lists, reports, feeds, verdicts, alerts. */
export async function seedRest(admin: Client, { days }: { days: number }): Promise<void> {
  await admin.query("set session_replication_role = replica");
  await admin.query("set work_mem = '256MB'");
  for (const statement of statements(days)) await admin.query(statement);
  await admin.query("reset session_replication_role");
}

const evidence = `jsonb_build_array(jsonb_build_object('code', 'accepted', 'holds', 'HIGH',
  'share', jsonb_build_object('count', 970, 'of', 1000, 'share', 0.97, 'lower', 0.957, 'upper', 0.979), 'about', null, 'at', null, 'senders', null))`;
const details = `jsonb_build_object('category', 'rate-limit', 'provider', 'gmail', 'owner', 'us-behaviour', 'why', 'Gmail takes mail slower than it comes.',
  'evidence', jsonb_build_array('312 of 4,000 attempts were put off since 09:12.', 'The first came at 09:12.'),
  'fix', jsonb_build_object('steps', jsonb_build_array('Send slower.', 'Look again in an hour.'),
    'measure', jsonb_build_object('measure', 'back-off', 'provider', 'gmail')),
  'runbook', 'deliverability.md#rate-limit', 'reply', '421 4.7.28 Our system has detected an unusual rate of mail.',
  'figures', jsonb_build_object('count', 312, 'of', 4000, 'refused', 0, 'lower', 0.07, 'upper', 0.087,
    'firstAt', 1764000000000, 'lastAt', 1764003600000, 'lastDeliveredAt', 1764003600000),
  'fleet', null)`;
const standing = (
  word: string,
) => `case when bench.chance(${word}) < 0.03 then 'BAD' when bench.chance(${word}) < 0.08 then 'LOW'
  when bench.chance(${word}) < 0.2 then 'MEDIUM' when bench.chance(${word}) < 0.6 then 'HIGH' else 'UNKNOWN' end`;
const reputationColumns = `organisation_id, tenant_id, server_id, address, domain_id, provider, day, reputation, since, reason, evidence,
  messages, delivered, deferred, refused, slowed, blocked, judged_messages, judged_troubled`;
const dayFigures = `sum(first_attempts), sum(attempts) filter (where status = 'sent'), sum(attempts) filter (where status = 'deferred'),
  sum(attempts) filter (where status = 'bounced'), sum(attempts) filter (where category in ('rate-limit', 'ip-reputation') and status = 'deferred'),
  sum(attempts) filter (where category = 'domain-reputation' and status = 'bounced')`;

/** Rows of judged days, from the sums of days as the worker has them. */
const judgedDays = (of: "server" | "domain") => `insert into reputation_days (${reputationColumns})
  select organisation_id, tenant_id, ${of === "server" ? "server_id, address, null" : "null, '', domain_id"}, provider, day,
    ${standing("word || (day - '2020-01-01'::date) / 5")}, day - interval '5 days', 'accepted', ${evidence},
    coalesce(m, 0), coalesce(s, 0), coalesce(d, 0), coalesce(r, 0), coalesce(sl, 0), coalesce(bl, 0), coalesce(m, 0) * 7, coalesce(d, 0)
  from (
    select c.organisation_id, c.tenant_id, ${of === "server" ? "server_id, sending_address as address, server_id::text || sending_address || provider as word" : "k.id as domain_id, k.id::text || provider as word"},
      provider, (starts_at at time zone 'UTC')::date as day, ${dayFigures}
    from delivery_days c ${of === "server" ? "" : "join domains k on k.organisation_id = c.organisation_id and k.name = c.domain"}
    where direction = 'outbound' group by c.organisation_id, c.tenant_id, ${of === "server" ? "server_id, sending_address" : "k.id"}, provider, starts_at
  ) as sums (organisation_id, tenant_id, ${of === "server" ? "server_id, address" : "domain_id"}, word, provider, day, m, s, d, r, sl, bl)`;

/** Latencies of periods that are over, summed as the worker has them. */
const latencySums = (period: "hour" | "day", { days }: { days: number }) => `insert into latency_sums
    (server_id, period, starts_at, provider, organisation_id, tenant_id, delivered, latencies)
  with counts as materialized (
    select server_id, starts_at, provider, organisation_id, tenant_id, attempts, latencies from delivery_${period}s
    where direction = 'outbound' and status = 'sent' and starts_at >= now() - interval '${days} days' and starts_at < date_trunc('${period}', now(), 'UTC')),
  totals as (select server_id, starts_at, provider, organisation_id, tenant_id, sum(attempts) as delivered from counts group by 1, 2, 3, 4, 5),
  sketches as (
    select server_id, starts_at, provider, jsonb_object_agg(bucket, count) as latencies from (
      select server_id, starts_at, provider, bucket, sum(part.count::bigint) as count
      from counts cross join lateral jsonb_each_text(latencies) as part (bucket, count) group by 1, 2, 3, 4) buckets
    group by 1, 2, 3)
  select server_id, '${period}', starts_at, provider, organisation_id, tenant_id, delivered, sketches.latencies
  from totals join sketches using (server_id, starts_at, provider)`;

const finding = (
  of: "server" | "domain",
  { key, each, severity, isClosed }: { key: string; each: string; severity: string; isClosed: boolean },
) => `insert into check_findings (id, organisation_id, tenant_id, ${of}_id, key, severity, sentence, opened_at, closed_at, details)
  select gen_random_uuid(), organisation_id, tenant_id, id, ${key}, '${severity}', 'Gmail slows the mail of ' || name || '.',
    now() - n * interval '2 days' - interval '3 hours', ${isClosed ? "now() - n * interval '2 days'" : "null"}, ${details}
  from ${of}s cross join ${each}`;

function statements(days: number): readonly string[] {
  return [
    latencySums("hour", { days: 3 }),
    latencySums("day", { days }),
    judgedDays("server"),
    judgedDays("domain"),
    `insert into fleet_days select organisation_id, tenant_id, day, provider, sum(messages), sum(delivered), sum(deferred), sum(refused), sum(slowed), sum(blocked),
        count(*) filter (where messages > 0), count(*) filter (where blocked > 0)
      from reputation_days where server_id is not null
      group by grouping sets ((organisation_id, tenant_id, day, provider), (organisation_id, day, provider))`,
    `insert into reply_samples (id, organisation_id, tenant_id, server_id, said_at, domain, provider, category, rule_id, relay_name, reply)
      select gen_random_uuid(), organisation_id, tenant_id, server_id, now() - n * interval '7 hours', domain, provider, category, 'rule',
        'mx.' || provider || '.example', '421 4.7.28 Our system has detected an unusual rate of mail from your address.'
      from bench.kinds cross join generate_series(1, 20) n where category <> '' and to_timestamp(until_minute * 60.0) > now() - interval '30 days'`,
    `insert into telemetry_streams (server_id, stream, epoch, organisation_id, tenant_id, sequence, stored_at)
      select id, stream, gen_random_uuid(), organisation_id, tenant_id, 100000, now()
      from servers cross join unnest(array['delivery', 'verdicts', 'reports', 'block-lists', 'accounts']) stream`,
    finding("server", {
      key: "'delivery-rate-limit gmail'",
      each: "generate_series(1, 1) n where bench.chance(name) < 0.3",
      severity: "error",
      isClosed: false,
    }),
    finding("domain", {
      key: "'delivery-domain-reputation gmail ' || name",
      each: "generate_series(1, 1) n where bench.chance(name) < 0.1",
      severity: "warning",
      isClosed: false,
    }),
    finding("server", {
      key: "'block-list-seen-address 203.0.113.9 zen'",
      each: "generate_series(1, 1) n where bench.chance('l' || name) < 0.1",
      severity: "error",
      isClosed: false,
    }),
    finding("server", {
      key: "'delivery-rate-limit gmail'",
      each: "generate_series(1, 40) n",
      severity: "error",
      isClosed: true,
    }),
    finding("domain", {
      key: "'rules-one-click gmail'",
      each: "generate_series(1, 10) n",
      severity: "warning",
      isClosed: true,
    }),
    `insert into block_list_hosts (server_id, organisation_id, tenant_id, round_at)
      select id, organisation_id, tenant_id, now() - interval '20 minutes' from servers`,
    `insert into block_list_entries (server_id, list, subject, organisation_id, tenant_id, state, since, seen_at, asked_at, codes)
      select id, list, subject, organisation_id, tenant_id, case when bench.chance(list || subject || name) < 0.01 then 'listed' else 'clear' end,
        now() - interval '40 days', now() - interval '10 minutes', now() - interval '10 minutes', '["127.0.0.2"]'
      from servers cross join unnest(array['zen', 'barracuda', 'spamcop', 'psbl', 'uceprotect-1', 'gbudb', 'mailspike', 'dbl', 'surbl', 'uribl']) list
        cross join lateral (select facts -> 'ipAddresses' ->> 0 as subject union select hostname) subjects`,
    `insert into block_list_changes (id, organisation_id, tenant_id, server_id, list, subject, change, codes, changed_at)
      select gen_random_uuid(), organisation_id, tenant_id, id, 'zen', hostname, case n % 2 when 0 then 'listed' else 'clear' end, '["127.0.0.2"]', now() - n * interval '1 day'
      from servers cross join generate_series(1, 30) n`,
    `create table bench.reports as select gen_random_uuid() as id, d.organisation_id, d.tenant_id, ds.server_id, kind, d.name, reporter,
        now() - n * interval '1 day' as ends_at, 1 + (hashtext(d.name) & 255) as total, facts -> 'ipAddresses' ->> 0 as address
      from domains d join domain_servers ds on ds.domain_id = d.id join servers s on s.id = ds.server_id
        cross join (values ('google.com', 'dmarc'), ('Yahoo', 'dmarc'), ('Enterprise Outlook', 'dmarc'), ('GMX', 'dmarc'), ('google.com', 'tls')) as told (reporter, kind)
        cross join generate_series(1, 60) n`,
    `insert into received_reports (id, organisation_id, tenant_id, server_id, kind, domain, policy_domain, reporter, report_id, part, begins_at, ends_at, stored_at,
        policy, total, passed, dkim_aligned, spf_aligned)
      select id, organisation_id, tenant_id, server_id, kind, name, name, reporter, id::text, 0, ends_at - interval '1 day', ends_at, ends_at,
        case kind when 'dmarc' then 'reject' else 'sts' end, total, total * 97 / 100, total * 96 / 100, total * 90 / 100 from bench.reports`,
    // Everybody's own mail and a few strangers; of the first domain thousands of forgers.
    `insert into dmarc_rows (id, organisation_id, tenant_id, report_id, domain, ends_at, source_ip, messages, disposition, is_dkim_aligned, is_spf_aligned, header_from, dkim, spf, reasons)
      select gen_random_uuid(), organisation_id, tenant_id, id, name, ends_at, case n when 1 then address else '198.51.' || hashtext(id::text) % 100 + 100 || '.' || n end,
        total, case n when 1 then 'none' else 'reject' end, n = 1, n = 1, name,
        jsonb_build_array(jsonb_build_object('domain', name, 'selector', 'ms202611a', 'result', case n when 1 then 'pass' else 'fail' end)),
        jsonb_build_object('domain', name, 'result', case n when 1 then 'pass' else 'fail' end), '[]'
      from bench.reports cross join lateral generate_series(1, case when name = 'd1.o1.example' then 60 else 3 end) n where kind = 'dmarc'`,
    `insert into tls_failures (id, organisation_id, tenant_id, report_id, domain, ends_at, type, sessions, sending_ip, receiving_host, reason)
      select gen_random_uuid(), organisation_id, tenant_id, id, name, ends_at, 'certificate-expired', 3, address, 'mx.' || name, 'expired'
      from bench.reports where kind = 'tls' and bench.chance(name) < 0.2`,
    `insert into feedback_reports (id, organisation_id, tenant_id, server_id, kind, domain, type, reporter, provider, reported_at, source_ip, incidents, results)
      select gen_random_uuid(), organisation_id, tenant_id, server_id, case when reporter = 'Yahoo' then 'complaint' else 'failure' end, name, 'abuse', reporter,
        case when reporter = 'Yahoo' then 'yahoo' else 'gmx' end, ends_at, address, 1, '{}'
      from bench.reports where reporter in ('Yahoo', 'GMX') and bench.chance(name || ends_at) < 0.3`,
    "drop table bench.reports",
    `insert into feed_connections (id, organisation_id, kind, label, account, box, state, looked_at, next_look_at, linked_at, confirmed_at, created_at)
      select bench.id_of('feed', id::text, kind), id, kind, kind, 'feeds@msp.example', case kind when 'yahoo' then null else 'box' end, 'working', now(),
        now() + interval '1 day', now() - interval '5 days', now() - interval '5 days', now() - interval '1 year'
      from organisations cross join unnest(array['google-postmaster', 'snds', 'yahoo']) kind`,
    `insert into feed_domains (connection_id, domain_id, organisation_id, tenant_id, state, compliance, looked_at)
      select bench.id_of('feed', organisation_id::text, 'google-postmaster'), id, organisation_id, tenant_id, 'verified',
        '[{"requirement": "dmarc", "isMet": true, "reason": null}]', now() - interval '5 hours' from domains`,
    `insert into feed_days (connection_id, subject, day, organisation_id, tenant_id, domain_id, messages, complaints_lower, complaints_upper, figures, told_at)
      select bench.id_of('feed', organisation_id::text, kind), name, current_date - n, organisation_id, tenant_id, id, 1000, 0.0002, 0.0003,
        case kind when 'yahoo' then '{"kind": "yahoo", "complaints": 1}'
          else '{"kind": "google-postmaster", "spf": 0.99, "dkim": 0.99, "dmarc": 0.99, "tlsInbound": 1, "tlsOutbound": 1, "errors": [], "loops": []}' end::jsonb, now()
      from domains cross join generate_series(2, ${days}) n cross join unnest(array['google-postmaster', 'yahoo']) kind`,
    `insert into feed_days (connection_id, subject, day, organisation_id, tenant_id, server_id, messages, complaints_lower, complaints_upper, figures, told_at)
      select bench.id_of('feed', organisation_id::text, 'snds'), facts -> 'ipAddresses' ->> 0, current_date - n, organisation_id, tenant_id, id, 1000, 0, 0.001,
        '{"kind": "snds", "verdict": "green", "trapHits": 0, "rcptCommands": 1000, "dataCommands": 990, "comments": "", "others": {}}', now()
      from servers cross join generate_series(1, ${days}) n`,
    ...[
      [
        "verdict_hours",
        `generate_series(date_trunc('hour', now()) - interval '${hourDaysOfVerdicts} days', now(), interval '1 hour')`,
        "0.02",
      ],
      [
        "verdict_days",
        `generate_series(date_trunc('day', now(), 'UTC') - interval '${days} days', now(), interval '1 day')`,
        "0.2",
      ],
    ].map(
      ([
        table,
        periods,
        likely,
      ]) => `insert into ${table} (server_id, starts_at, direction, domain, provider, action, organisation_id, tenant_id, messages, facts, scores, symbols)
      select server_id, at, direction, domain, provider, action, organisation_id, tenant_id, 100,
        '{"signed": 99, "aligned": 98, "bulk": 20, "one-click": 18}', '{"-3": 40, "-1": 30, "0": 20, "2": 10}',
        '{"R_DKIM_ALLOW": 90, "R_SPF_ALLOW": 95, "DMARC_POLICY_ALLOW": 90, "MIME_GOOD": 80, "BAYES_HAM": 40, "MANY_INVISIBLE_PARTS": 3}'
      from (select distinct server_id, direction, domain, provider, organisation_id, tenant_id from bench.kinds where status = 'sent') senders
        cross join unnest(array['accepted', 'rejected', 'greylisted']) action cross join ${periods} at
      where bench.chance(domain || provider || direction || action) < ${likely}`,
    ),
    `insert into measures (id, organisation_id, tenant_id, server_id, kind, provider, reason, started_by, started_at, stepped_at, ends_at, look_at, ended_at, end_because)
      select gen_random_uuid(), organisation_id, tenant_id, id, 'back-off', 'gmail', 'Gmail slows it', 'Ann', now() - n * interval '1 day', now(), now() + interval '1 day', now(),
        case n when 0 then null else now() - n * interval '1 day' end, case n when 0 then null else 'expired' end
      from servers cross join generate_series(0, 10) n where bench.chance('m' || name) < 0.2`,
    `insert into account_alerts (server_id, address, organisation_id, tenant_id, certainty, signs, suspicious_since, told_at)
      select server_id, 'ann@' || name, d.organisation_id, d.tenant_id, 'possible', '[]', now(), now()
      from domains d join domain_servers on domain_id = d.id where bench.chance('a' || name) < 0.05`,
    `insert into alert_channels (id, organisation_id, name, kind, target, least_severity, created_at)
      select bench.id_of('channel', id::text, n::text), id, 'Channel ' || n, 'mail', 'noc@msp.example', 'warning', now() from organisations cross join generate_series(1, 6) n`,
    `insert into alerts (id, organisation_id, channel_id, body, created_at, due_at, attempts, sent_at)
      select gen_random_uuid(), c.organisation_id, c.id, jsonb_build_object('type', 'changes', 'organisation', 'Organisation', 'at', now(), 'events', '[]'::jsonb, 'total', 3),
        now() - n * interval '10 minutes', now(), 1, now() from alert_channels c cross join generate_series(1, 5000) n`,
    `insert into alert_attempts (alert_id, number, organisation_id, at, outcome, took_ms)
      select id, 1, organisation_id, created_at, 'sent', 40 from alerts`,
    `insert into told_findings (channel_id, subject, key, organisation_id, severity, sentence, subject_name, told_at)
      select c.id, coalesce(f.domain_id, f.server_id)::text, f.key, c.organisation_id, f.severity, f.sentence, 'mail', now()
      from alert_channels c join check_findings f on f.organisation_id = c.organisation_id and f.closed_at is null`,
  ];
}
