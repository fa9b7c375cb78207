import { domainNameSchema } from "../domains/index.ts";
import { CsvFault, readCsvRows } from "./csv-rows.ts";
import type { FeedDay, ShareBand } from "./feed.ts";
import { readDay } from "./read-day.ts";
import { readShare } from "./read-share.ts";

type Column = "day" | "domain" | "delivered" | "complaints" | "rate";

/** What the files call their columns, in lower case and without what is no letter. */
const columnNames: Readonly<Record<string, Column>> = {
  date: "day",
  day: "day",
  domain: "domain",
  dkimdomain: "domain",
  delivered: "delivered",
  deliveredvolume: "delivered",
  inboxdelivered: "delivered",
  inboxvolume: "delivered",
  volume: "delivered",
  complaints: "complaints",
  complaintcount: "complaints",
  spamcomplaints: "complaints",
  rate: "rate",
  complaintrate: "rate",
  complaintsrate: "rate",
  spamrate: "rate",
  spamcomplaintrate: "rate",
};

interface Entry {
  /** How a sentence names it: "Line 3" or "Entry 3". */
  readonly place: string;
  readonly of: (column: Column) => string;
  /** Whether the name of the column says that its rate is in percent. */
  readonly isPercent: boolean;
}

export const yahooTextMax = 5_000_000;

/** What is wrong with an entry, as one sentence with its place. */
export class YahooFault extends Error {
  override readonly name = "YahooFault";
}

/**
 * Days from a file that a person took from Yahoo's Sender Hub, as CSV with a header or as JSON. Rows without a domain are
 * of `domain`. A day that the file tells twice alike counts once. Throws YahooFault or CsvFault, one sentence each, for
 * whatever is no such file.
 */
export function readYahooDays(text: string, { domain, today }: { domain: string; today: string }): FeedDay[] {
  if (text.length > yahooTextMax)
    throw new YahooFault(`The file is longer than ${yahooTextMax} characters; take it in parts.`);
  const entries = /^\s*[[{]/.test(text) ? jsonEntries(text) : csvEntries(text);
  if (entries.length === 0) throw new YahooFault("The file holds no day.");
  const days = new Map<string, FeedDay>();
  for (const entry of entries) {
    const day = dayOfEntry(entry, domain, today);
    const key = `${day.subject} ${day.day}`;
    const other = days.get(key);
    if (other !== undefined && JSON.stringify(other) !== JSON.stringify(day))
      throw new YahooFault(
        `${entry.place}: the ${day.day} of ${day.subject} stands there twice with other figures.`,
      );
    days.set(key, day);
  }
  return [...days.values()];
}

function dayOfEntry({ place, of, isPercent }: Entry, domain: string, today: string): FeedDay {
  const day = readDay(of("day"));
  if (day === null) throw new YahooFault(`${place}: “${shown(of("day"))}” is no date like 2026-11-20.`);
  if (day > today) throw new YahooFault(`${place}: the ${day} is still to come.`);
  const named = of("domain").trim().toLowerCase();
  const subject = named === "" ? domain : named;
  if (!domainNameSchema.safeParse(subject).success)
    throw new YahooFault(`${place}: “${shown(named)}” is no domain.`);
  const delivered = countOf(place, "delivered messages", of("delivered"));
  const complaints = countOf(place, "complaints", of("complaints"));
  const rate = of("rate");
  const counted = complaints === null || !delivered ? null : complaints / delivered;
  const share = rate === "" ? null : readRate(rate, { isPercent, counted });
  if (rate !== "" && share === null) throw new YahooFault(`${place}: “${shown(rate)}” is no complaint rate.`);
  if (share === null && (complaints === null || delivered === null))
    throw new YahooFault(
      `${place}: neither a complaint rate nor complaints with delivered messages stand there.`,
    );
  if (complaints !== null && delivered !== null && complaints > delivered)
    throw new YahooFault(`${place}: there are more complaints than delivered messages.`);
  return {
    subject,
    day,
    messages: delivered,
    complaints: share ?? { lower: counted ?? 0, upper: counted ?? 0 },
    figures: { kind: "yahoo", complaints },
  };
}

/**
 * A rate without a sign is a share, unless its column is in percent or it is more than all; beside counts it is whichever comes
 * closer to them.
 */
function readRate(
  rate: string,
  { isPercent, counted }: { isPercent: boolean; counted: number | null },
): ShareBand | null {
  const [share, percent] = [readShare(rate), readShare(rate, { isPercent: true })];
  if (rate.includes("%")) return share;
  if (isPercent || share === null || percent === null) return percent;
  if (counted === null) return share;
  const off = ({ lower, upper }: ShareBand) => Math.abs((lower + upper) / 2 - counted);
  return off(percent) < off(share) ? percent : share;
}

function csvEntries(text: string): Entry[] {
  const [header, ...rows] = readCsvRows(text);
  if (header === undefined) return [];
  const columns = header.cells.map(columnOf);
  if (!columns.includes("day")) throw new CsvFault(header.line, "the header names no column for the date");
  if (!columns.includes("rate") && !columns.includes("complaints"))
    throw new CsvFault(header.line, "the header names no column for the complaint rate or the complaints");
  return rows.map(({ line, cells }) => ({
    place: `Line ${line}`,
    of: (column) => cells[columns.indexOf(column)] ?? "",
    isPercent: isInPercent(header.cells[columns.indexOf("rate")]),
  }));
}

function jsonEntries(text: string): Entry[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new YahooFault("The file begins like JSON and is none; it may have been cut off.", { cause });
  }
  const list = Array.isArray(parsed) ? parsed : ((parsed as { data?: unknown }).data ?? null);
  if (!Array.isArray(list)) throw new YahooFault("The file is JSON without a list of days.");
  return list.map((item: unknown, index) => {
    const place = `Entry ${index + 1}`;
    if (typeof item !== "object" || item === null)
      throw new YahooFault(`${place}: this is no day with its figures.`);
    const known = new Map(
      Object.entries(item).flatMap(([name, value]) => {
        const column = columnOf(name);
        return column === undefined || value === null ? [] : [[column, String(value)] as const];
      }),
    );
    const isPercent = isInPercent(Object.keys(item).find((name) => columnOf(name) === "rate"));
    return { place, of: (column) => known.get(column) ?? "", isPercent };
  });
}

function countOf(place: string, what: string, text: string): number | null {
  if (text.trim() === "") return null;
  const count = Number(text.replaceAll(",", ""));
  if (Number.isSafeInteger(count) && count >= 0) return count;
  throw new YahooFault(`${place}: “${shown(text)}” is no count of ${what}.`);
}

function columnOf(name: string): Column | undefined {
  return columnNames[plain(name).replace(percentMark, "")];
}

function isInPercent(name = ""): boolean {
  return name.includes("%") || percentMark.test(plain(name));
}

const percentMark = /(?:in)?(?:percent(?:age)?|pct)$/;

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z]/g, "");
}

function shown(text: string): string {
  return text.slice(0, 60);
}
