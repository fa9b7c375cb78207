import type { TelemetryStream } from "@mailstead/core/wire";
import { servers, type Transaction, telemetryStreams } from "@mailstead/db";
import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { accountStream } from "../accounts/index.ts";
import { blockListStream } from "../block-lists/index.ts";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { deliveryStream } from "../delivery/index.ts";
import { reportStream } from "../reports/index.ts";
import { verdictStream } from "../verdicts/index.ts";
import type { StreamOwner, StreamReader } from "./stream-reader.ts";

/** What an agent sent, as it stands on the wire. */
export interface Telemetry {
  readonly serverId: string;
  readonly stream: TelemetryStream;
  readonly epoch: string;
  readonly sequence: number;
  /** Of any shape: what an agent claims is read here. */
  readonly batch: unknown;
}

/**
 * Stores what an agent tells, once: the sequence is noted in the transaction that stores what it carries. Returns how far
 * the stream has come, which the agent may forget. A batch that has no known shape is counted and left out, so that it
 * holds up nothing that follows. Unknown servers are ignored, and their streams count as stored.
 */
export function storeTelemetry(
  ctx: SystemContext,
  { serverId, stream, epoch, sequence, batch }: Telemetry,
): Promise<{ storedSequence: number; problem: string | null }> {
  const now = ctx.now();
  const told = readBatch(stream, batch);
  const problem =
    "store" in told
      ? null
      : `Batch ${sequence} of the stream "${stream}" has a shape that is not known here: ${told.problem}.`;
  return withSystemTransaction(ctx, async (tx) => {
    const noted = await note(tx, { serverId, stream, epoch, sequence, isUnread: problem !== null, now });
    if (noted === null) return { storedSequence: sequence, problem: null };
    const { isNew, sequence: storedSequence, ...owner } = noted;
    if (!isNew) return { storedSequence, problem: null };
    if ("store" in told) await told.store(tx, owner, now);
    return { storedSequence, problem };
  });
}

const notedRow = z.object({
  serverId: z.string(),
  organisationId: z.string(),
  tenantId: z.string(),
  taken: z.coerce.number().nullable(),
});

/**
 * Notes a number where it is a new one, and says how far the stream has come. Whoever notes the same number at the same time
 * waits here for the other's end. Null for an unknown server.
 */
async function note(
  tx: Transaction,
  {
    serverId,
    stream,
    epoch,
    sequence,
    isUnread,
    now,
  }: Omit<Telemetry, "batch"> & { isUnread: boolean; now: Date },
): Promise<(StreamOwner & { sequence: number; isNew: boolean }) | null> {
  const { rows } = await tx.execute(sql`
    with owner as (select id, organisation_id, tenant_id from ${servers} where id = ${serverId}),
    taken as (
      insert into ${telemetryStreams} as known
        (server_id, organisation_id, tenant_id, stream, epoch, sequence, unread_batches, stored_at)
      select id, organisation_id, tenant_id, ${stream}, ${epoch}::uuid, ${sequence}::bigint, ${isUnread ? 1 : 0}::integer,
        ${now.toISOString()}::timestamptz from owner
      on conflict (server_id, stream, epoch) do update set
        sequence = excluded.sequence,
        stored_at = excluded.stored_at,
        unread_batches = known.unread_batches + excluded.unread_batches
      where known.sequence < excluded.sequence
      returning sequence)
    select id as "serverId", organisation_id as "organisationId", tenant_id as "tenantId",
      (select sequence from taken) as taken from owner`);
  const [row] = z.array(notedRow).parse(rows);
  if (row === undefined) return null;
  const { taken, ...owner } = row;
  if (taken !== null) return { ...owner, sequence: taken, isNew: true };
  return { ...owner, sequence: await readSequence(tx, { serverId, stream, epoch }), isNew: false };
}

async function readSequence(
  tx: Transaction,
  { serverId, stream, epoch }: Pick<Telemetry, "serverId" | "stream" | "epoch">,
): Promise<number> {
  const [known] = await tx
    .select({ sequence: telemetryStreams.sequence })
    .from(telemetryStreams)
    .where(
      and(
        eq(telemetryStreams.serverId, serverId),
        eq(telemetryStreams.stream, stream),
        eq(telemetryStreams.epoch, epoch),
      ),
    );
  return known?.sequence ?? 0;
}

const streams: Partial<Record<TelemetryStream, StreamReader<unknown>>> = {
  accounts: accountStream,
  "block-lists": blockListStream,
  delivery: deliveryStream,
  reports: reportStream,
  verdicts: verdictStream,
};

type ReadBatch =
  | { readonly store: (tx: Transaction, owner: StreamOwner, now: Date) => Promise<void> }
  | { readonly problem: string };

function readBatch(stream: TelemetryStream, batch: unknown): ReadBatch {
  const reader = streams[stream];
  if (reader === undefined) return { problem: "nobody reads this stream" };
  const told = reader.schema.safeParse(batch);
  if (!told.success) return { problem: told.error.issues[0]?.message ?? "it is not what the stream carries" };
  return { store: (tx, owner, now) => reader.store(tx, { owner, batch: told.data, now }) };
}
