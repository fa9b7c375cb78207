import { canonicalAddress } from "./canonical-address.ts";
import { CsvFault, type CsvRow, readCsvRows } from "./csv-rows.ts";
import type { FeedDay, SndsFigures } from "./feed.ts";
import { readDay } from "./read-day.ts";
import { readShare } from "./read-share.ts";

/** The columns of the older file, which has no header: fourteen, in this order. */
const olderColumns = [
  "ip",
  "start",
  "end",
  "rcpt",
  "data",
  "recipients",
  "verdict",
  "complaints",
  "trapStart",
  "trapEnd",
  "traps",
  "helo",
  "sender",
  "comments",
] as const;
type Column = (typeof olderColumns)[number];

/** What headers call the columns, in lower case and without what is no letter. */
const columnNames: Readonly<Record<string, Column>> = {
  ip: "ip",
  ipaddress: "ip",
  date: "start",
  activitystart: "start",
  activityperiodstart: "start",
  activitydate: "start",
  activityend: "end",
  activityperiodend: "end",
  rcptcommands: "rcpt",
  rcpt: "rcpt",
  datacommands: "data",
  data: "data",
  messagerecipients: "recipients",
  recipients: "recipients",
  filterresult: "verdict",
  filterresults: "verdict",
  complaintrate: "complaints",
  complaintspercentage: "complaints",
  complaintpercentage: "complaints",
  trapmessageperiodstart: "trapStart",
  trapperiodstart: "trapStart",
  trapmessageperiodend: "trapEnd",
  trapperiodend: "trapEnd",
  traphits: "traps",
  traphitcount: "traps",
  trapmessagehits: "traps",
  samplehelo: "helo",
  samplemailfrom: "sender",
  comments: "comments",
};

/**
 * What SNDS tells of addresses and days, from its file with or without a header. Rows that say the same day of the same
 * address count once, the last of them. Names of people do not come along: the sample of a sender is left out. Throws
 * CsvFault with the line of what is no such row or of a day that is still to come, and for a file that is a web page.
 */
export function readSndsDays(text: string, { today }: { today: string }): FeedDay[] {
  if (/^\s*<(!doctype|html)/i.test(text))
    throw new CsvFault(
      1,
      "this is a web page and no file of figures; the link is most likely no longer valid",
    );
  const rows = readCsvRows(text);
  const [first] = rows;
  if (first === undefined) return [];
  const hasHeader = canonicalAddress(first.cells[0] ?? "") === null;
  const columns = hasHeader ? columnsOf(first) : olderColumns;
  const days = new Map<string, FeedDay>();
  for (const row of hasHeader ? rows.slice(1) : rows) {
    if (!hasHeader && row.cells.length !== olderColumns.length)
      throw new CsvFault(
        row.line,
        `a row without a header has ${olderColumns.length} cells, and this one has ${row.cells.length}`,
      );
    const day = dayOfRow(row, columns);
    // It would make the feed look fresh until then.
    if (day.day > today) throw new CsvFault(row.line, `the ${day.day} is still to come`);
    days.set(`${day.subject} ${day.day}`, day);
  }
  return [...days.values()];
}

function columnsOf(header: CsvRow): readonly string[] {
  const columns = header.cells.map((name) => columnNames[plain(name)] ?? name);
  for (const needed of ["ip", "start"])
    if (!columns.includes(needed))
      throw new CsvFault(
        header.line,
        `the header names no column for the ${needed === "ip" ? "IP address" : "start of the activity"}`,
      );
  return columns;
}

function dayOfRow(row: CsvRow, columns: readonly string[]): FeedDay {
  const cell = (column: Column) => row.cells[columns.indexOf(column)] ?? "";
  const subject = canonicalAddress(cell("ip"));
  if (subject === null) throw new CsvFault(row.line, `“${shown(cell("ip"))}” is no IP address`);
  const day = readDay(cell("start"));
  if (day === null) throw new CsvFault(row.line, `“${shown(cell("start"))}” is no date`);
  const complaints = cell("complaints");
  const share = readShare(complaints);
  if (complaints !== "" && share === null && !/^(n\/?a|-)$/i.test(complaints))
    throw new CsvFault(row.line, `“${shown(complaints)}” is no complaint rate`);
  return {
    subject,
    day,
    messages: countOf(row, "the recipients", cell("recipients")),
    complaints: share,
    figures: {
      kind: "snds",
      verdict: verdictOf(row, cell("verdict")),
      trapHits: countOf(row, "the trap hits", cell("traps")),
      rcptCommands: countOf(row, "the RCPT commands", cell("rcpt")),
      dataCommands: countOf(row, "the DATA commands", cell("data")),
      comments: shown(cell("comments")),
      others: othersOf(row, columns),
    },
  };
}

function verdictOf(row: CsvRow, text: string): SndsFigures["verdict"] {
  const colour = text.toLowerCase();
  if (colour === "" || colour === "n/a" || colour === "-") return null;
  if (colour === "green" || colour === "yellow" || colour === "red") return colour;
  throw new CsvFault(row.line, `the filter result is “${shown(text)}” and not GREEN, YELLOW or RED`);
}

function countOf(row: CsvRow, what: string, text: string): number | null {
  if (text === "" || /^(n\/?a|-)$/i.test(text)) return null;
  const count = Number(text.replaceAll(",", ""));
  if (Number.isSafeInteger(count) && count >= 0) return count;
  throw new CsvFault(row.line, `${what} are “${shown(text)}” and no number`);
}

function othersOf(row: CsvRow, columns: readonly string[]): Record<string, string> {
  const known: readonly string[] = olderColumns;
  return Object.fromEntries(
    columns.flatMap((name, index) => {
      const value = row.cells[index] ?? "";
      return known.includes(name) || value === "" || value.includes("@") ? [] : [[shown(name), shown(value)]];
    }),
  );
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z]/g, "");
}

function shown(text: string): string {
  return text.slice(0, 100);
}
