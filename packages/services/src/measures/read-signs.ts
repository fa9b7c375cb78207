import type { PeriodCount, ProviderId } from "@mailstead/core/delivery";
import { type MeasureSigns, measureSigns } from "@mailstead/core/measures";
import { figuresByProvider, type ProviderFigures } from "@mailstead/core/reputation";
import type { Transaction } from "@mailstead/db";
import { readCounts } from "../delivery/index.ts";

const hourMs = 3_600_000;
const minuteMs = 60_000;

/** Counts by the minute are read of so long at most; what is older says little of how a provider is now. */
const lookBackMs = 6 * hourMs;

interface Sending {
  readonly serverId: string;
  readonly from: Date;
  readonly address?: string;
}

/** What a server sent in a time, until now. */
export function readSent(
  tx: Transaction,
  { serverId, from, address }: Sending,
  now: Date,
): Promise<readonly PeriodCount[]> {
  // A count of this minute may begin a little after now, where a host's clock is ahead.
  const own = address === undefined ? {} : { sendingAddress: address };
  const until = new Date(now.getTime() + minuteMs);
  return readCounts(tx, { serverId, from, until, ...own }, { now });
}

/** What its receivers did with that, each provider for itself. */
async function readFigures(
  tx: Transaction,
  sending: Sending,
  now: Date,
): Promise<ReadonlyMap<ProviderId | null, ProviderFigures>> {
  const counts = await readSent(tx, sending, now);
  return new Map(figuresByProvider(counts).map((figures) => [figures.provider, figures]));
}

/** What a provider did since a measure was last changed. The minute of the change itself is left out: it holds its cause. */
export async function readSigns(
  tx: Transaction,
  { serverId, provider, since }: { serverId: string; provider: ProviderId; since: Date },
  now: Date,
): Promise<MeasureSigns> {
  const from = Math.max(Math.ceil(since.getTime() / minuteMs) * minuteMs, now.getTime() - lookBackMs);
  const figures = await readFigures(tx, { serverId, from: new Date(from) }, now);
  return measureSigns(figures.get(provider) ?? { delivered: 0, replies: {} });
}

/** The same for one track of a warm-up, whose stages last for days; only mail from the new address counts. */
export async function readTrackSigns(
  tx: Transaction,
  track: { serverId: string; provider: ProviderId; since: Date; address: string },
  now: Date,
): Promise<MeasureSigns> {
  // A stage that began lately is looked at to the minute, so that what its mail meets at once brings it back at once.
  const stepMs = now.getTime() - track.since.getTime() <= lookBackMs ? minuteMs : hourMs;
  const from = new Date(Math.ceil(track.since.getTime() / stepMs) * stepMs);
  const figures = await readFigures(tx, { serverId: track.serverId, from, address: track.address }, now);
  return measureSigns(figures.get(track.provider) ?? { delivered: 0, replies: {} });
}
