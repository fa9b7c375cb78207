import {
  addressBlocked,
  complaintsTooHigh,
  dayOf,
  domainNotVerified,
  type FeedFinding,
  feedFindingPrefix,
  feeds,
  judgeFeed,
} from "@mailstead/core/feeds";
import { domains, feedConnections, feedDays, feedDomains, type Transaction } from "@mailstead/db";
import { and, desc, eq, gte, isNotNull, max, ne } from "drizzle-orm";
import { type CheckedSubject, readOpenSubjects, recordFindings } from "../checks/index.ts";
import {
  type Database,
  type Installation,
  type ServiceContext,
  type SystemContext,
  seeToEach,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import { readFeedAddresses, readFeedDomains } from "./feed-scope.ts";

/** A day that is older says nothing of now. */
const complaintDays = 7;
const dayMs = 86_400_000;

/**
 * Keeps what is wrong with feeds, and what they tell that is wrong, among the findings of the domains and servers that it
 * concerns. Gives the organisations in which that failed.
 */
export async function recordFeedFindings(
  ctx: SystemContext,
  { app, installation }: { app: Database; installation: Installation },
): Promise<{ organisationId: string; cause: unknown }[]> {
  const rows = await withSystemTransaction(ctx, (tx) =>
    tx.selectDistinct({ organisationId: feedConnections.organisationId }).from(feedConnections),
  );
  const failed = await seeToEach(ctx, { rows, app, installation }, async (own) => {
    await withTransaction(own, (tx) => recordFindingsOfFeeds(tx, own));
    return undefined;
  });
  return failed.map(({ row: { organisationId }, cause }) => ({ organisationId, cause }));
}

type Subjects = Map<string, { subject: CheckedSubject; found: FeedFinding[] }>;

/** The same for one organisation, in a transaction that sees the whole of it. */
export async function recordFindingsOfFeeds(tx: Transaction, ctx: ServiceContext): Promise<void> {
  const at = ctx.now();
  const subjects: Subjects = new Map();
  for (const open of await readOpenSubjects(tx, feedFindingPrefix)) of(subjects, open);
  await addFeeds(tx, ctx, subjects);
  await addUnverified(tx, subjects);
  await addComplaints(tx, ctx, subjects);
  for (const { subject, found } of subjects.values())
    await recordFindings(tx, subject, { found, unseen: () => false, at, by: "feeds" });
}

function of(subjects: Subjects, subject: CheckedSubject) {
  const id = subject.domainId ?? subject.serverId ?? "";
  const known = subjects.get(id) ?? { subject, found: [] };
  subjects.set(id, known);
  return known;
}

/** What is wrong with a feed concerns all that it would tell of. */
async function addFeeds(
  tx: Transaction,
  { organisationId, ...ctx }: ServiceContext,
  subjects: Subjects,
): Promise<void> {
  const connections = await tx
    .select({
      id: feedConnections.id,
      kind: feedConnections.kind,
      label: feedConnections.label,
      tenantId: feedConnections.tenantId,
      problem: feedConnections.problem,
      problemKind: feedConnections.problemKind,
      problemSince: feedConnections.problemSince,
      linkedAt: feedConnections.linkedAt,
      confirmedAt: feedConnections.confirmedAt,
      blocked: feedConnections.blocked,
      createdAt: feedConnections.createdAt,
    })
    .from(feedConnections);
  const newest = await tx
    .select({ connectionId: feedDays.connectionId, day: max(feedDays.day) })
    .from(feedDays)
    .groupBy(feedDays.connectionId);
  for (const connection of connections) {
    const { kind, label, tenantId, problem, problemKind, problemSince, linkedAt, confirmedAt } = connection;
    const found = judgeFeed(
      {
        kind,
        label,
        newestDay: newest.find(({ connectionId }) => connectionId === connection.id)?.day ?? null,
        since: connection.createdAt,
        problem:
          problem === null || problemKind === null || problemSince === null
            ? null
            : { kind: problemKind, sentence: problem, since: problemSince },
        linkedAt,
        confirmedAt,
      },
      ctx.now(),
    );
    if (feeds[kind].of === "domain") {
      if (found.length === 0) continue;
      for (const domain of await concerned(tx, connection))
        of(subjects, { organisationId, tenantId: domain.tenantId, domainId: domain.id }).found.push(...found);
      continue;
    }
    const servers = new Map<string, FeedFinding[]>();
    for (const { address, serverId, tenantId: owner } of await readFeedAddresses(tx, tenantId)) {
      const block = connection.blocked.find((one) => one.address === address);
      const own = block === undefined ? [] : [addressBlocked(block)];
      const before = servers.get(serverId);
      const added = [...(before === undefined ? found : []), ...own];
      servers.set(serverId, [...(before ?? []), ...added]);
      if (added.length > 0) of(subjects, { organisationId, tenantId: owner, serverId }).found.push(...added);
    }
  }
}

/** Of a person's files the domains that they told of; of the others every domain in the feed's scope. */
async function concerned(
  tx: Transaction,
  { id, kind, tenantId }: Pick<typeof feedConnections.$inferSelect, "id" | "kind" | "tenantId">,
): Promise<{ id: string; tenantId: string }[]> {
  if (kind !== "yahoo") return readFeedDomains(tx, tenantId);
  const rows = await tx
    .selectDistinct({ id: feedDays.domainId, tenantId: feedDays.tenantId })
    .from(feedDays)
    .where(and(eq(feedDays.connectionId, id), isNotNull(feedDays.domainId)));
  return rows.map((row) => ({ id: row.id ?? "", tenantId: row.tenantId }));
}

async function addUnverified(tx: Transaction, subjects: Subjects): Promise<void> {
  const rows = await tx
    .select({ proof: feedDomains, label: feedConnections.label, domain: domains.name })
    .from(feedDomains)
    .innerJoin(domains, eq(domains.id, feedDomains.domainId))
    .innerJoin(feedConnections, eq(feedConnections.id, feedDomains.connectionId))
    .where(ne(feedDomains.state, "verified"));
  for (const { proof, label, domain } of rows) {
    const { organisationId, tenantId, domainId, problem } = proof;
    const finding = domainNotVerified({
      domain,
      label,
      sentence: problem ?? "It is not verified yet.",
    });
    of(subjects, { organisationId, tenantId, domainId }).found.push(finding);
  }
}

async function addComplaints(tx: Transaction, ctx: ServiceContext, subjects: Subjects): Promise<void> {
  const rows = await tx
    .selectDistinctOn([feedDays.connectionId, feedDays.subject], {
      kind: feedConnections.kind,
      organisationId: feedDays.organisationId,
      tenantId: feedDays.tenantId,
      domainId: feedDays.domainId,
      serverId: feedDays.serverId,
      subject: feedDays.subject,
      day: feedDays.day,
      lower: feedDays.complaintsLower,
    })
    .from(feedDays)
    .innerJoin(feedConnections, eq(feedConnections.id, feedDays.connectionId))
    .where(
      and(
        gte(feedDays.day, dayOf(new Date(ctx.now().getTime() - complaintDays * dayMs))),
        isNotNull(feedDays.complaintsLower),
      ),
    )
    .orderBy(feedDays.connectionId, feedDays.subject, desc(feedDays.day));
  for (const { organisationId, tenantId, domainId, serverId, lower, ...day } of rows) {
    const finding = complaintsTooHigh({ ...day, lower: lower ?? 0 });
    if (finding === null) continue;
    const whose = domainId === null ? { serverId: serverId ?? "" } : { domainId };
    of(subjects, { organisationId, tenantId, ...whose }).found.push(finding);
  }
}
