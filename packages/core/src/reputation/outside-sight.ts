import type {
  ComplaintFigures,
  ComplaintSource,
  ProviderWord,
  SenderFigures,
  SenderListing,
} from "./sender-figures.ts";

/** What others than the mail log tell of a sender at a receiver. Days begin at midnight UTC, in milliseconds since 1970. */
export interface OutsideSight {
  readonly complaints: readonly (ComplaintFigures & { readonly day: number })[];
  readonly dmarc: readonly { readonly day: number; readonly passed: number; readonly total: number }[];
  readonly listings: readonly (SenderListing & { readonly untilAt: number | null })[];
  readonly words: readonly (ProviderWord & { readonly untilAt: number | null })[];
}

export const nothingFromOutside: OutsideSight = { complaints: [], dmarc: [], listings: [], words: [] };

/** Sums what lies within a time, each source of complaints by itself: they count different things. */
export function outsideFigures(
  sight: OutsideSight,
  { from, until }: { from: number; until: number },
): Pick<SenderFigures, "complaints" | "dmarc" | "listings" | "words"> {
  const isWithin = (at: number) => at >= from && at < until;
  const complaints = Map.groupBy(
    sight.complaints.filter(({ day }) => isWithin(day)),
    ({ source }) => source,
  );
  const reports = sight.dmarc.filter(({ day }) => isWithin(day));
  return {
    complaints: [...complaints].map(([source, days]) => sumComplaints(source, days)),
    dmarc:
      reports.length === 0
        ? null
        : {
            passed: reports.reduce((sum, { passed }) => sum + passed, 0),
            total: reports.reduce((sum, { total }) => sum + total, 0),
          },
    // What was taken off a list in between no longer stops anything at the end.
    listings: oncePerZone(
      sight.listings.filter(
        ({ sinceAt, untilAt }) => sinceAt < until && (untilAt === null || untilAt >= until),
      ),
    ),
    words: latestOfEach(
      sight.words.filter(({ at, untilAt }) => isWithin(at) && (untilAt === null || untilAt >= until)),
    ),
  };
}

function sumComplaints(source: ComplaintSource, days: readonly ComplaintFigures[]): ComplaintFigures {
  const sum = (read: (day: ComplaintFigures) => number) => days.reduce((total, day) => total + read(day), 0);
  const figures = { source, count: sum(({ count }) => count), delivered: sum(({ delivered }) => delivered) };
  const told = days.flatMap((day) => (day.told === undefined ? [] : { ...day.told, weight: weightOf(day) }));
  if (told.length === 0) return figures;
  const weight = told.reduce((total, day) => total + day.weight, 0);
  const mean = (end: "lower" | "upper") =>
    told.reduce((total, day) => total + day[end] * day.weight, 0) / weight;
  return { ...figures, told: { lower: mean("lower"), upper: mean("upper") } };
}

/** A share weighs as many messages as it is of. Where nobody knows how many, it is of one at least. */
const weightOf = ({ delivered }: ComplaintFigures): number => Math.max(delivered, 1);

/** A colour that is told every day is one word. */
function latestOfEach(words: readonly ProviderWord[]): readonly ProviderWord[] {
  return [...Map.groupBy(words, ({ says, about }) => `${says} ${about}`).values()].flatMap((same) => {
    const [first] = same;
    return first === undefined
      ? []
      : [{ says: first.says, about: first.about, at: Math.max(...same.map(({ at }) => at)) }];
  });
}

/** A list is asked from outside and by the host itself; both tell of the same entry. */
function oncePerZone(listings: readonly SenderListing[]): readonly SenderListing[] {
  return [...Map.groupBy(listings, ({ zone }) => zone)].map(([zone, told]) => ({
    zone,
    sinceAt: Math.min(...told.map(({ sinceAt }) => sinceAt)),
    isCritical: told.some(({ isCritical }) => isCritical),
  }));
}
