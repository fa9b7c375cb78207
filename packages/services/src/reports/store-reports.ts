import { providerOfHost } from "@mailstead/core/delivery";
import {
  judgeReportTime,
  type ReportBatch,
  reportBatchSchema,
  type ToldAggregate,
  type ToldFeedback,
  type ToldTls,
} from "@mailstead/core/reports";
import {
  dmarcRows,
  feedbackReports,
  insertMany,
  newId,
  receivedReports,
  reportTroubles,
  type Transaction,
  tlsFailures,
} from "@mailstead/db";
import { sql } from "drizzle-orm";
import type { StreamOwner, StreamReader } from "../telemetry/index.ts";
import { type FindHosted, findHostedDomains } from "./hosted-domains.ts";

/** Stores the reports that arrived at a host: of its customer's domains only, and each once, whatever is told again. */
export const reportStream: StreamReader<ReportBatch> = { schema: reportBatchSchema, store: storeBatch };

interface Storing {
  readonly owner: StreamOwner;
  readonly now: Date;
  readonly hostedOf: FindHosted;
}

type Trouble = Pick<typeof reportTroubles.$inferInsert, "kind" | "why"> & {
  readonly at: number;
  readonly count: number;
};

async function storeBatch(
  tx: Transaction,
  { owner, batch, now }: { owner: StreamOwner; batch: ReportBatch; now: Date },
): Promise<void> {
  const named = [
    ...batch.aggregates.map(({ domain }) => domain),
    ...batch.tls.map(({ domain }) => domain),
    ...batch.feedback.flatMap(({ domains }) => domains),
  ];
  const storing = { owner, now, hostedOf: await findHostedDomains(tx, owner, named) };
  const troubles: Trouble[] = [...batch.troubles];
  for (const one of batch.aggregates) troubles.push(...(await storeAggregate(tx, one, storing)));
  for (const one of batch.tls) troubles.push(...(await storeTls(tx, one, storing)));
  for (const one of batch.feedback) troubles.push(...(await storeFeedback(tx, one, storing)));
  for (const trouble of troubles) await addTrouble(tx, trouble, storing);
}

async function storeAggregate(tx: Transaction, told: ToldAggregate, storing: Storing): Promise<Trouble[]> {
  const sum = (chosen: (row: ToldAggregate["rows"][number]) => boolean) =>
    told.rows.reduce((total, row) => total + (chosen(row) ? row.count : 0), 0);
  const sums = {
    policy: told.policy,
    total: sum(() => true),
    passed: sum(({ isDkimAligned, isSpfAligned }) => isDkimAligned || isSpfAligned),
    dkimAligned: sum(({ isDkimAligned }) => isDkimAligned),
    spfAligned: sum(({ isSpfAligned }) => isSpfAligned),
  };
  const stored = await storeReport(tx, { kind: "dmarc", told, sums }, storing);
  if ("trouble" in stored) return stored.trouble;
  const { organisationId, tenantId } = storing.owner;
  await insertMany(
    tx,
    dmarcRows,
    told.rows.map(({ count, ...row }) => ({
      ...row,
      ...stored,
      organisationId,
      tenantId,
      id: newId(),
      messages: count,
    })),
  );
  return [];
}

async function storeTls(tx: Transaction, told: ToldTls, storing: Storing): Promise<Trouble[]> {
  const sums = {
    policy: told.policyType,
    total: told.successes + told.failures,
    passed: told.successes,
    dkimAligned: 0,
    spfAligned: 0,
  };
  const stored = await storeReport(tx, { kind: "tls", told, sums }, storing);
  if ("trouble" in stored) return stored.trouble;
  const { organisationId, tenantId } = storing.owner;
  await insertMany(
    tx,
    tlsFailures,
    told.details.map(({ count, ...detail }) => ({
      ...detail,
      ...stored,
      organisationId,
      tenantId,
      id: newId(),
      sessions: count,
    })),
  );
  return [];
}

type Sums = Pick<
  typeof receivedReports.$inferInsert,
  "policy" | "total" | "passed" | "dkimAligned" | "spfAligned"
>;

/** Notes that a part of a report is stored; `trouble` says why nothing of it is, and is empty where it was before. */
async function storeReport(
  tx: Transaction,
  { kind, told, sums }: { kind: "dmarc" | "tls"; told: ToldAggregate | ToldTls; sums: Sums },
  { owner, now, hostedOf }: Storing,
): Promise<{ reportId: string; domain: string; endsAt: Date } | { trouble: Trouble[] }> {
  const at = now.getTime();
  const domain = hostedOf(told.domain);
  if (domain === null) return { trouble: [foreign(at)] };
  const problem = judgeReportTime(told, at / 1000);
  if (problem !== null) return { trouble: [{ kind: "unread", why: problem, at, count: 1 }] };
  const endsAt = new Date(told.endS * 1000);
  const [row] = await tx
    .insert(receivedReports)
    .values({
      ...owner,
      ...sums,
      kind,
      domain,
      id: newId(),
      policyDomain: told.domain,
      reporter: told.reporter,
      reportId: told.reportId,
      part: told.part,
      beginsAt: new Date(told.beginS * 1000),
      endsAt,
      storedAt: now,
    })
    .onConflictDoNothing()
    .returning({ id: receivedReports.id });
  return row === undefined ? { trouble: [] } : { reportId: row.id, domain, endsAt };
}

async function storeFeedback(
  tx: Transaction,
  told: ToldFeedback,
  { owner, now, hostedOf }: Storing,
): Promise<Trouble[]> {
  const domain = told.domains.map(hostedOf).find((name) => name !== null);
  if (domain === undefined || domain === null) return [foreign(now.getTime())];
  const { domains: _domains, at, ...said } = told;
  await tx.insert(feedbackReports).values({
    ...owner,
    ...said,
    id: newId(),
    domain,
    // A host's clock may be ahead.
    reportedAt: new Date(Math.min(at, now.getTime())),
    provider: providerOfHost(said.reporter) ?? "",
  });
  return [];
}

/** Whose domain it is said to be is nobody's business here. */
function foreign(at: number): Trouble {
  return {
    kind: "foreign",
    why: "the report is about a domain that this customer has not here",
    at,
    count: 1,
  };
}

async function addTrouble(tx: Transaction, trouble: Trouble, { owner, now }: Storing): Promise<void> {
  const lastAt = new Date(Math.min(trouble.at, now.getTime()));
  await tx
    .insert(reportTroubles)
    .values({
      ...owner,
      day: lastAt.toISOString().slice(0, 10),
      kind: trouble.kind,
      why: trouble.why,
      mails: trouble.count,
      lastAt,
    })
    .onConflictDoUpdate({
      target: [reportTroubles.serverId, reportTroubles.day, reportTroubles.kind, reportTroubles.why],
      set: {
        mails: sql`${reportTroubles.mails} + excluded.mails`,
        lastAt: sql`greatest(${reportTroubles.lastAt}, excluded.last_at)`,
      },
    });
}
