import {
  type BlockListBatch,
  blockListBatchSchema,
  entryChange,
  foldAnswer,
  knownList,
  type ListEntry,
} from "@mailstead/core/block-lists";
import {
  blockListChanges,
  blockListEntries,
  blockListHosts,
  insertMany,
  newId,
  type Transaction,
} from "@mailstead/db";
import { eq, sql } from "drizzle-orm";
import type { StreamOwner, StreamReader } from "../telemetry/index.ts";

/** Keeps what a round of a host came to: what is on which list since when, and what came and went. */
export const blockListStream: StreamReader<BlockListBatch> = { schema: blockListBatchSchema, store };

type EntryRow = typeof blockListEntries.$inferSelect;

async function store(
  tx: Transaction,
  { owner, batch, now }: { owner: StreamOwner; batch: BlockListBatch; now: Date },
): Promise<void> {
  // A clock that is ahead must not keep later rounds from counting.
  const at = Math.min(batch.at, now.getTime());
  const known = new Map(
    (await tx.select().from(blockListEntries).where(eq(blockListEntries.serverId, owner.serverId))).map(
      (row) => [keyOf(row), row],
    ),
  );
  const told = new Map(
    batch.answers.filter(({ list }) => knownList(list) !== null).map((answer) => [keyOf(answer), answer]),
  );
  const folded = [...told].map(([key, { list, subject, answer }]) => {
    const row = known.get(key);
    const before = row === undefined ? null : entryOf(row);
    return { list, subject, before, after: foldAnswer(before, answer, at) };
  });
  await upsert(tx, owner, folded);
  await insertMany(
    tx,
    blockListChanges,
    folded.flatMap(({ list, subject, before, after }) => {
      const change = entryChange(before, after);
      if (change === null) return [];
      const said = change === "listed" || before === null ? after : before;
      return [
        {
          id: newId(),
          ...owner,
          list,
          subject,
          change,
          codes: said.codes,
          text: said.text,
          changedAt: new Date(at),
        },
      ];
    }),
  );
  if (batch.isLast)
    await tx
      .insert(blockListHosts)
      .values({ ...owner, roundAt: new Date(at) })
      .onConflictDoUpdate({
        target: blockListHosts.serverId,
        set: { roundAt: sql`greatest(${blockListHosts.roundAt}, excluded.round_at)` },
      });
}

async function upsert(
  tx: Transaction,
  owner: StreamOwner,
  folded: readonly { list: string; subject: string; before: ListEntry | null; after: ListEntry }[],
): Promise<void> {
  const rows = folded
    .filter(({ before, after }) => before !== after)
    .map(({ list, subject, after }) => ({
      server_id: owner.serverId,
      organisation_id: owner.organisationId,
      tenant_id: owner.tenantId,
      list,
      subject,
      state: after.state,
      since: new Date(after.since).toISOString(),
      seen_at: after.seenAt === null ? null : new Date(after.seenAt).toISOString(),
      asked_at: new Date(after.askedAt).toISOString(),
      codes: after.codes,
      text: after.text,
      problem: after.problem,
    }));
  if (rows.length === 0) return;
  await tx.execute(sql`insert into ${blockListEntries}
    select * from jsonb_populate_recordset(null::${blockListEntries}, ${JSON.stringify(rows)}::jsonb)
    on conflict (server_id, list, subject) do update set
      state = excluded.state, since = excluded.since, seen_at = excluded.seen_at, asked_at = excluded.asked_at,
      codes = excluded.codes, text = excluded.text, problem = excluded.problem`);
}

/** The row as the rules know it. */
export function entryOf(row: EntryRow): ListEntry {
  const { state, codes, text, problem } = row;
  return {
    state,
    since: row.since.getTime(),
    seenAt: row.seenAt?.getTime() ?? null,
    askedAt: row.askedAt.getTime(),
    codes,
    text,
    problem,
  };
}

function keyOf({ list, subject }: { list: string; subject: string }): string {
  return `${list} ${subject}`;
}
