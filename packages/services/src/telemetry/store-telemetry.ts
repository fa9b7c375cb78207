import type { TelemetryStream } from "@mailstead/core/wire";
import { servers, type Transaction, telemetryStreams } from "@mailstead/db";
import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { accountStream } from "../accounts/index.ts";
import { blockListStream } from "../block-lists/index.ts";
import { type Answers, type Asked, alone, type SystemContext, withConnections } from "../context/index.ts";
import { deliveryStream } from "../delivery/index.ts";
import { reportStream } from "../reports/index.ts";
import { inventoryStream } from "../updates/index.ts";
import { verdictStream } from "../verdicts/index.ts";
import type { StreamOwner, StreamReader, ToldBatch } from "./stream-reader.ts";

/** What an agent sent, as it stands on the wire. */
export interface Telemetry {
  readonly serverId: string;
  readonly stream: TelemetryStream;
  readonly epoch: string;
  readonly sequence: number;
  /** Of any shape: what an agent claims is read here. */
  readonly batch: unknown;
}

/** What became of it: how far the stream has come, and a sentence where not all of the batch could be read. */
export interface StoredTelemetry {
  readonly storedSequence: number;
  readonly problem: string | null;
}

/**
 * Stores what an agent tells, once: the sequence is noted in the transaction that stores what it carries. Returns how far
 * the stream has come, which the agent may forget. A batch, or what is wrong of it, that has no known shape is counted and left
 * out, so that it holds up nothing that follows. Unknown servers are ignored, and their streams count as stored. Throws
 * ConnectionOverError when an agent asked for it through a connection that counts no longer.
 */
export function storeTelemetry(ctx: SystemContext, telemetry: Telemetry): Promise<StoredTelemetry> {
  return alone(storeTogether, ctx, telemetry);
}

/**
 * Stores what several agents tell in one transaction, each as `storeTelemetry` does: all of it or, where that throws, nothing.
 * A stream of a server may be among them once. The answers come in the same order.
 */
export function storeTogether(asked: readonly Asked<Telemetry>[]): Promise<Answers<StoredTelemetry>> {
  return withConnections(asked, async (tx, ctx, told) => {
    const now = ctx.now();
    const read = told.map(({ batch, ...position }) => {
      const reading = readBatch(position.stream, batch);
      return { position, reading, problem: describeProblem(position, reading) };
    });
    const noted = await note(
      tx,
      read.map(({ position, reading }) => ({
        ...position,
        isUnread: !("batch" in reading),
        unreadRows: reading.unreadRows,
      })),
      now,
    );
    const batches = new Map<TelemetryStream, ToldBatch<unknown>[]>();
    const answers: StoredTelemetry[] = [];
    for (const [place, { position, reading, problem }] of read.entries()) {
      const owner = noted.get(place);
      if (owner === undefined) answers.push({ storedSequence: position.sequence, problem: null });
      else if (!owner.isNew)
        answers.push({ storedSequence: await readSequence(tx, position), problem: null });
      else {
        answers.push({ storedSequence: position.sequence, problem });
        if ("batch" in reading)
          batches.set(position.stream, [
            ...(batches.get(position.stream) ?? []),
            { owner: owner.owner, batch: reading.batch },
          ]);
      }
    }
    for (const [stream, ofStream] of batches) await storeBatches(tx, { stream, told: ofStream, now });
    return answers;
  });
}

const notedRow = z.object({
  place: z.number(),
  serverId: z.string(),
  organisationId: z.string(),
  tenantId: z.string(),
  isNew: z.boolean(),
});

/**
 * Notes numbers where they are new ones, and says of each known server, by the place of what it told, whether its is. Whoever
 * notes the same number at the same time waits here for the other's end; an order that is the same for all keeps two from
 * waiting for each other.
 */
async function note(
  tx: Transaction,
  told: readonly (Omit<Telemetry, "batch"> & { isUnread: boolean; unreadRows: number })[],
  now: Date,
): Promise<ReadonlyMap<number, { owner: StreamOwner; isNew: boolean }>> {
  const records = told.map(({ serverId, stream, epoch, sequence, isUnread, unreadRows }, place) => ({
    place,
    server_id: serverId,
    stream,
    epoch,
    sequence,
    unread: isUnread ? 1 : 0,
    unread_rows: unreadRows,
  }));
  if (records.length === 0) return new Map();
  const { rows } = await tx.execute(sql`
    with told as (
      select told.*, organisation_id, tenant_id
      from jsonb_to_recordset(${JSON.stringify(records)}::jsonb)
        as told (place integer, server_id uuid, stream text, epoch uuid, sequence bigint, unread integer, unread_rows bigint)
      join ${servers} on ${servers.id} = told.server_id),
    taken as (
      insert into ${telemetryStreams} as known
        (server_id, organisation_id, tenant_id, stream, epoch, sequence, unread_batches, unread_rows, stored_at)
      select server_id, organisation_id, tenant_id, stream, epoch, sequence, unread, unread_rows, ${now.toISOString()}::timestamptz
      from told order by server_id, stream
      on conflict (server_id, stream, epoch) do update set
        sequence = excluded.sequence,
        stored_at = excluded.stored_at,
        unread_batches = known.unread_batches + excluded.unread_batches,
        unread_rows = known.unread_rows + excluded.unread_rows
      where known.sequence < excluded.sequence
      returning server_id, stream)
    select place, told.server_id as "serverId", organisation_id as "organisationId", tenant_id as "tenantId",
      taken.server_id is not null as "isNew"
    from told left join taken on taken.server_id = told.server_id and taken.stream = told.stream`);
  return new Map(
    z
      .array(notedRow)
      .parse(rows)
      .map(({ place, isNew, ...owner }) => [place, { owner, isNew }]),
  );
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
  inventory: inventoryStream,
  reports: reportStream,
  verdicts: verdictStream,
};

async function storeBatches(
  tx: Transaction,
  { stream, told, now }: { stream: TelemetryStream; told: readonly ToldBatch<unknown>[]; now: Date },
): Promise<void> {
  const reader = streams[stream];
  if (reader?.storeTogether !== undefined) await reader.storeTogether(tx, told, now);
  else for (const one of told) await reader?.store(tx, { ...one, now });
}

type ReadBatch = (
  | { readonly batch: unknown; readonly problem: string | null }
  | { readonly problem: string }
) & { readonly unreadRows: number };

function readBatch(stream: TelemetryStream, batch: unknown): ReadBatch {
  const reader = streams[stream];
  if (reader === undefined) return { problem: "nobody reads this stream", unreadRows: 0 };
  const told = reader.schema.safeParse(batch);
  if (told.success) return { batch: told.data, problem: null, unreadRows: 0 };
  const part = reader.readInPart?.(batch);
  if (part != null) return part;
  return {
    problem: told.error.issues[0]?.message ?? "it is not what the stream carries",
    unreadRows: 0,
  };
}

function describeProblem(
  { sequence, stream }: Omit<Telemetry, "batch">,
  { problem, unreadRows, ...reading }: ReadBatch,
): string | null {
  if (problem === null) return null;
  const subject = `atch ${sequence} of the stream "${stream}"`;
  return "batch" in reading
    ? `${unreadRows} of the rows of b${subject} have a shape that is not known here, and the rest was stored: ${problem}.`
    : `B${subject} has a shape that is not known here: ${problem}.`;
}
