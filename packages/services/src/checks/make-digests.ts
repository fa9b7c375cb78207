import { lastDigestTime, writeDigest } from "@mailstead/core/checks";
import {
  checkFindings,
  memberships,
  newId,
  organisations,
  outgoingMails,
  type Transaction,
  users,
} from "@mailstead/db";
import { and, eq, inArray, isNull, lt, or, sql } from "drizzle-orm";
import {
  type Database,
  type Installation,
  type ServiceContext,
  type SystemContext,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import { type ReadChange, readChanges, untold } from "./list-finding-changes.ts";

// More than a mail can show; the rest is told the next day.
const changesMax = 10_000;
const rolesThatRepair = ["owner", "admin", "technician"] as const;

/**
 * Writes the mails of what changed, once a day for each organisation whose time has come: one for each person who
 * looks after something there and wants it, with what that person may see. Gives how many mails now wait to be sent.
 */
export async function makeDigests(
  ctx: SystemContext,
  { app, installation }: { app: Database; installation: Installation },
): Promise<number> {
  const dueAt = lastDigestTime(ctx.now());
  const due = await withSystemTransaction(ctx, (tx) =>
    tx
      .select({ id: organisations.id })
      .from(organisations)
      .where(or(isNull(organisations.findingsToldAt), lt(organisations.findingsToldAt, dueAt))),
  );
  let count = 0;
  for (const { id } of due)
    count += await makeDigestsOf({ ...ctx, database: app, installation, organisationId: id, tenantId: null });
  return count;
}

function makeDigestsOf(ctx: ServiceContext): Promise<number> {
  const now = ctx.now();
  const dueAt = lastDigestTime(now);
  return withTransaction(ctx, async (tx) => {
    const [organisation] = await tx
      .select({ toldAt: organisations.findingsToldAt })
      .from(organisations)
      .where(eq(organisations.id, ctx.organisationId))
      .for("update");
    if (organisation === undefined) return 0;
    const { toldAt } = organisation;
    // Another worker was faster: the row was waited for, and says so.
    if (toldAt !== null && toldAt >= dueAt) return 0;
    await tx
      .update(organisations)
      .set({ findingsToldAt: now })
      .where(eq(organisations.id, ctx.organisationId));
    const changes = await readChanges(tx, { matches: untold(), limit: changesMax });
    if (changes.length === 0) return 0;
    await markTold(tx, changes, now);
    const mails = (await readReaders(tx)).flatMap(({ userId, email, tenantIds }) => {
      const own = changes.filter(
        ({ tenantId }) => tenantIds === null || (tenantId !== null && tenantIds.includes(tenantId)),
      );
      const told = (what: "opened" | "closed") =>
        own
          .filter((change) => change.what === what)
          .map((change) => ({ ...change, subject: change.subject.name }));
      const digest = writeDigest(
        { opened: told("opened"), closed: told("closed") },
        { homeUrl: ctx.installation.publicUrl },
      );
      return digest === null
        ? []
        : [
            {
              id: newId(now),
              organisationId: ctx.organisationId,
              tenantId: tenantIds?.[0] ?? null,
              userId,
              recipient: email,
              ...digest,
              createdAt: now,
            },
          ];
    });
    if (mails.length > 0) await tx.insert(outgoingMails).values(mails);
    return mails.length;
  });
}

async function markTold(tx: Transaction, changes: readonly ReadChange[], at: Date): Promise<void> {
  for (const what of ["opened", "closed"] as const) {
    const ids = changes.filter((change) => change.what === what).map(({ id }) => id);
    const told = what === "opened" ? { openedToldAt: at } : { closedToldAt: at };
    // One parameter, however many there are.
    if (ids.length > 0)
      await tx
        .update(checkFindings)
        .set(told)
        .where(sql`${checkFindings.id} = any(${sql.param(ids)}::uuid[])`);
  }
}

interface Reader {
  userId: string;
  email: string;
  /** The customers that the person looks after; null for all of the organisation. */
  tenantIds: string[] | null;
}

async function readReaders(tx: Transaction): Promise<Reader[]> {
  const rows = await tx
    .select({ userId: users.id, email: users.email, tenantId: memberships.tenantId })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(
      and(
        inArray(memberships.role, [...rolesThatRepair]),
        eq(users.wantsCheckDigest, true),
        isNull(users.disabledAt),
      ),
    );
  return [...Map.groupBy(rows, ({ userId }) => userId).values()].flatMap((held) => {
    const [first] = held;
    if (first === undefined) return [];
    const tenantIds = held.flatMap(({ tenantId }) => (tenantId === null ? [] : [tenantId]));
    return [
      {
        userId: first.userId,
        email: first.email,
        tenantIds: tenantIds.length < held.length ? null : tenantIds,
      },
    ];
  });
}
