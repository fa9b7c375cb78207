import { providers } from "@mailstead/core/delivery";
import { messagesPerDayMax, type WarmUpTrack, warmUpStages } from "@mailstead/core/measures";
import { servers, warmUps } from "@mailstead/db";
import { and, asc, eq, isNull } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, ServiceError, withTransaction } from "../context/index.ts";

const listWarmUpsInput = z.object({ serverId: z.uuid() });

export interface WarmUpTrackView {
  provider: string;
  title: string;
  /** Counts from one; more than `stages` once it is done. */
  stage: number;
  stages: number;
  messagesPerDay: number | null;
  since: Date;
  because: WarmUpTrack["because"];
}

export interface WarmUpView {
  id: string;
  address: string;
  isPaused: boolean;
  startedBy: string;
  startedAt: Date;
  tracks: WarmUpTrackView[];
}

/** The warm-ups of a server that are running or paused. Throws `not-found`. */
export function listWarmUps(
  ctx: ServiceContext,
  input: z.input<typeof listWarmUpsInput>,
): Promise<{ warmUps: WarmUpView[] }> {
  const { serverId } = parseInput(listWarmUpsInput, input);
  return withTransaction(ctx, async (tx) => {
    const [server] = await tx.select({ id: servers.id }).from(servers).where(eq(servers.id, serverId));
    if (server === undefined) throw new ServiceError("not-found", "There is no such server.");
    const rows = await tx
      .select()
      .from(warmUps)
      .where(and(eq(warmUps.serverId, serverId), isNull(warmUps.endedAt)))
      .orderBy(asc(warmUps.startedAt));
    return {
      warmUps: rows.map(({ id, address, isPaused, startedBy, startedAt, tracks }) => ({
        id,
        address,
        isPaused,
        startedBy,
        startedAt,
        tracks: tracks.map((track) => ({
          provider: track.provider,
          title: providers[track.provider].title,
          stage: track.stage + 1,
          stages: warmUpStages[track.provider].length,
          messagesPerDay: messagesPerDayMax(track),
          since: new Date(track.stageSince),
          because: track.because,
        })),
      })),
    };
  });
}
