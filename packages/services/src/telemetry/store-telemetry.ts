import type { TelemetryStream } from "@mailstead/core/wire";
import { servers, type Transaction, telemetryStreams } from "@mailstead/db";
import { and, eq, lt, sql } from "drizzle-orm";
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
    const [owner] = await tx
      .select({ serverId: servers.id, organisationId: servers.organisationId, tenantId: servers.tenantId })
      .from(servers)
      .where(eq(servers.id, serverId));
    if (owner === undefined) return { storedSequence: sequence, problem: null };
    const [taken] = await tx
      .insert(telemetryStreams)
      .values({ ...owner, stream, epoch, sequence, unreadBatches: problem === null ? 0 : 1, storedAt: now })
      .onConflictDoUpdate({
        target: [telemetryStreams.serverId, telemetryStreams.stream, telemetryStreams.epoch],
        set: {
          sequence,
          storedAt: now,
          unreadBatches: sql`${telemetryStreams.unreadBatches} + excluded.unread_batches`,
        },
        setWhere: lt(telemetryStreams.sequence, sequence),
      })
      .returning({ sequence: telemetryStreams.sequence });
    if (taken === undefined)
      return { storedSequence: await readSequence(tx, { serverId, stream, epoch }), problem: null };
    if ("store" in told) await told.store(tx, owner, now);
    return { storedSequence: taken.sequence, problem };
  });
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
