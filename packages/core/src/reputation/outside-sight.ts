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
  readonly words: readonly ProviderWord[];
}

export const nothingFromOutside: OutsideSight = { complaints: [], dmarc: [], listings: [], words: [] };

/** Sums what lies within a time, each source of complaints by itself: they count different things. */
export function outsideFigures(
  sight: OutsideSight,
  { from, until }: { from: number; until: number },
): Pick<SenderFigures, "complaints" | "dmarc" | "listings" | "words"> {
  const isWithin = (at: number) => at >= from && at < until;
  const complaints = new Map<ComplaintSource, ComplaintFigures>();
  for (const { day, source, count, delivered } of sight.complaints) {
    if (!isWithin(day)) continue;
    const before = complaints.get(source);
    complaints.set(source, {
      source,
      count: (before?.count ?? 0) + count,
      delivered: (before?.delivered ?? 0) + delivered,
    });
  }
  const reports = sight.dmarc.filter(({ day }) => isWithin(day));
  return {
    complaints: [...complaints.values()],
    dmarc:
      reports.length === 0
        ? null
        : {
            passed: reports.reduce((sum, { passed }) => sum + passed, 0),
            total: reports.reduce((sum, { total }) => sum + total, 0),
          },
    // What was taken off a list in between no longer stops anything at the end.
    listings: sight.listings.filter(
      ({ sinceAt, untilAt }) => sinceAt < until && (untilAt === null || untilAt >= until),
    ),
    words: sight.words.filter(({ at }) => isWithin(at)),
  };
}
