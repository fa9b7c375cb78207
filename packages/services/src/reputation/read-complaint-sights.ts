import type { ComplaintDay, OutsideSight } from "@mailstead/core/reputation";
import type { Transaction } from "@mailstead/db";
import { readComplaints as readToldComplaints } from "../feeds/index.ts";
import { readComplaints } from "../reports/index.ts";
import { dayMs, startOfDay } from "./days.ts";
import type { Sighting, SightingTime } from "./outside-sights.ts";
import { readDelivered } from "./read-delivered.ts";
import { eachSender, receiverKey } from "./told-of.ts";

type ToldComplaints = OutsideSight["complaints"][number];

/** Complaints that feedback loops passed on, and those that providers tell of, with what was delivered on the same days. */
export async function readComplaintSights(
  tx: Transaction,
  { from, until, asked }: SightingTime,
): Promise<readonly Sighting[]> {
  const since = new Date(startOfDay(from.getTime()));
  const time = { from: since, until: new Date(startOfDay(until.getTime()) + dayMs) };
  const passedOn = await readComplaints(tx, asked, time);
  const told = await readToldComplaints(tx, asked, time);
  const all = [...passedOn, ...told].flatMap((one) => eachSender(one, asked));
  if (all.length === 0) return [];
  const deliveredBy = await readDelivered(tx, { senders: all, from: since, now: until });
  const groups = Map.groupBy(all, (one) => `${receiverKey(one)} ${one.source}`);
  return [...groups.values()].flatMap((days): Sighting[] => {
    const [first] = days;
    if (first === undefined) return [];
    const delivered = deliveredBy(first);
    const isLoop = first.source === "feedback-loop";
    return [
      {
        ...ofSender(first),
        provider: first.provider,
        complaints: isLoop ? passedOnDays(days, delivered) : toldDays(days, delivered),
      },
    ];
  });
}

function ofSender({ domainId, serverId, address }: ComplaintDay): Sighting {
  return {
    ...(domainId === null ? {} : { domainId }),
    ...(serverId === null ? {} : { serverId }),
    ...(address === null ? {} : { address }),
  };
}

/** A day without a complaint counts as well: what was delivered on it is what nobody complained of. */
function passedOnDays(
  complaints: readonly ComplaintDay[],
  delivered: ReadonlyMap<string, number>,
): ToldComplaints[] {
  const counts = new Map<string, number>();
  for (const { day, complaints: count } of complaints) counts.set(day, (counts.get(day) ?? 0) + (count ?? 0));
  return [...new Set([...delivered.keys(), ...counts.keys()])].map((day) => ({
    source: "feedback-loop",
    day: Date.parse(day),
    count: counts.get(day) ?? 0,
    delivered: delivered.get(day) ?? 0,
  }));
}

/** Each day once, also where two connections tell of it. */
function toldDays(
  complaints: readonly ComplaintDay[],
  delivered: ReadonlyMap<string, number>,
): ToldComplaints[] {
  return [...Map.groupBy(complaints, ({ day }) => day)].flatMap(([day, [told]]) => {
    if (told === undefined || told.share === null) return [];
    const { source, complaints: count, of, share } = told;
    const seen = { source, day: Date.parse(day), delivered: of ?? delivered.get(day) ?? 0 };
    // Yahoo counts; where it tells a share alone, at least that many complained.
    if (source === "yahoo") return [{ ...seen, count: count ?? Math.floor(share.lower * seen.delivered) }];
    return [{ ...seen, count: 0, told: share }];
  });
}
