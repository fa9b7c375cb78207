import fc from "fast-check";
import { expect, test } from "vitest";
import { blockOf, CsvFault, readSndsDays, readSndsStatus, readYahooDays, YahooFault } from "./index.ts";

const about = { domain: "a.example", today: "2026-11-20" };

const older =
  "192.0.2.1,12/31/2025 8:00 AM,1/1/2026 8:00 AM,120,110,104,GREEN,< 0.1%,,,0,mail.a.example,ann@a.example,\r\n" +
  "192.0.2.2,12/31/2025 8:00 AM,1/1/2026 8:00 AM,900,900,880,RED,0.4%,12/31/2025 9:00 AM,12/31/2025 11:00 PM,3,mail.b.example,,JMRP\r\n";

test("SNDS's older file has no header and fourteen cells a row", () => {
  const [one, two] = readSndsDays(older, about);
  expect(one).toEqual({
    subject: "192.0.2.1",
    day: "2025-12-31",
    messages: 104,
    complaints: { lower: 0, upper: 0.001 },
    figures: {
      kind: "snds",
      verdict: "green",
      trapHits: 0,
      rcptCommands: 120,
      dataCommands: 110,
      comments: "",
      others: {},
    },
  });
  expect(two).toMatchObject({
    complaints: { lower: 0.004, upper: 0.004 },
    figures: { verdict: "red", trapHits: 3 },
  });
  expect(JSON.stringify([one, two])).not.toContain("ann@");
});

test("SNDS's newer file is read by its header, whatever the order, and keeps columns that are not known", () => {
  const newer =
    "IP Address,Activity start,Message recipients,Filter result,Complaint rate,Trap hits,Bounce rate,Sample MAIL FROM\n" +
    "2001:DB8::1,2026-06-30T00:00:00Z,1250,Yellow,0.2% - 0.3%,1,1.4%,bob@a.example\n";
  expect(readSndsDays(newer, about)).toEqual([
    {
      subject: "2001:db8::1",
      day: "2026-06-30",
      messages: 1250,
      complaints: { lower: 0.002, upper: 0.003 },
      figures: {
        kind: "snds",
        verdict: "yellow",
        trapHits: 1,
        rcptCommands: null,
        dataCommands: null,
        comments: "",
        others: { "Bounce rate": "1.4%" },
      },
    },
  ]);
});

test.each([
  [
    "<!DOCTYPE html><html>",
    "Line 1: this is a web page and no file of figures; the link is most likely no longer valid.",
  ],
  ["192.0.2.1,1/1/2026", "Line 1: a row without a header has 14 cells, and this one has 2."],
  [older.replace("RED", "BLUE"), "Line 2: the filter result is “BLUE” and not GREEN, YELLOW or RED."],
  [older.replace("0.4%", "much"), "Line 2: “much” is no complaint rate."],
  ["IP,Data\n", "Line 1: the header names no column for the start of the activity."],
  [older.replace("12/31/2025 8", "2/31/2025 8"), "Line 1: “2/31/2025 8:00 AM” is no date."],
  [older.replace("12/31/2025 8", "11/21/2026 8"), "Line 1: the 2026-11-21 is still to come."],
])("what is no SNDS file is refused with the line: %#", (text, sentence) => {
  expect(() => readSndsDays(text, about)).toThrow(CsvFault);
  expect(() => readSndsDays(text, about)).toThrow(sentence);
});

test("an empty SNDS file is a day on which nobody sent enough", () => {
  expect(readSndsDays("", about)).toEqual([]);
  expect(readSndsDays("\r\n", about)).toEqual([]);
});

test("an address is blocked when a blocked range holds it, in its own family", () => {
  const statuses = readSndsStatus(
    'First IP,Last IP,Blocked,Details\n192.0.2.0,192.0.2.255,No,\n198.51.100.4,198.51.100.7,Yes,"Blocked due to user complaints, or other evidence of spamming"\n',
  );
  expect(blockOf("198.51.100.5", statuses)).toBe(
    "Blocked due to user complaints, or other evidence of spamming",
  );
  expect(blockOf("192.0.2.1", statuses)).toBeNull();
  expect(blockOf("2001:db8::1", statuses)).toBeNull();
  expect(() => readSndsStatus("192.0.2.9,192.0.2.1,Yes,")).toThrow("Line 1:");
});

test("Yahoo's file is read as CSV and as JSON alike, and a day that stands there twice counts once", () => {
  const csv =
    "Date,Domain,Inbox delivered,Complaint rate\n2026-11-18,,4000,0.05%\n2026-11-18,,4000,0.05%\n11/19/2026,B.example,100,0.0%\n";
  const json = JSON.stringify({
    data: [
      { date: "2026-11-18", delivered: 4000, complaintRate: "0.05%" },
      { date: "20261119", domain: "b.example", delivered: 100, complaintRate: "0%" },
    ],
  });
  expect(readYahooDays(csv, about)).toEqual(readYahooDays(json, about));
  expect(readYahooDays(csv, about)).toEqual([
    {
      subject: "a.example",
      day: "2026-11-18",
      messages: 4000,
      complaints: { lower: 0.0005, upper: 0.0005 },
      figures: { kind: "yahoo", complaints: null },
    },
    {
      subject: "b.example",
      day: "2026-11-19",
      messages: 100,
      complaints: { lower: 0, upper: 0 },
      figures: { kind: "yahoo", complaints: null },
    },
  ]);
});

test.each([
  ["date,complaint rate (%)\n2026-11-18,0.12", 0.0012],
  ["date,complaint_rate_pct\n2026-11-18,0.12", 0.0012],
  ["date,spam rate\n2026-11-18,0.12", 0.12],
  ["date,spam rate\n2026-11-18,0.12%", 0.0012],
  ["date,spam rate\n2026-11-18,12", 0.12],
  // 1.2 of a thousand: the counts beside it tell that it is in percent.
  ["date,delivered,complaints,complaint rate\n2026-11-18,10000,12,0.12", 0.0012],
  ["date,delivered,complaints,complaint rate\n2026-11-18,10000,12,0.0012", 0.0012],
  ['[{"day":"2026-11-18","complaintRatePercent":0.12}]', 0.0012],
])("a rate of Yahoo's is read in the unit that its file means: %s", (text, share) => {
  const [day] = readYahooDays(text, about);
  expect(day?.complaints?.lower).toBeCloseTo(share, 9);
  expect(day?.complaints?.upper).toBeCloseTo(share, 9);
});

test("complaints without a rate are a share of what was delivered", () => {
  expect(readYahooDays("day;delivered;complaints\n2026-11-18;1000;2\n", about)[0]).toMatchObject({
    complaints: { lower: 0.002, upper: 0.002 },
    figures: { complaints: 2 },
  });
});

test.each([
  ["Date,Complaint rate\nsoon,0.1%\n", "Line 2: “soon” is no date like 2026-11-20."],
  ["Date,Complaint rate\n2026-11-21,0.1%\n", "Line 2: the 2026-11-21 is still to come."],
  [
    "Date,Complaint rate\n2026-11-18,\n",
    "Line 2: neither a complaint rate nor complaints with delivered messages stand there.",
  ],
  [
    "Date,Complaint rate\n2026-11-18,0.1%\n2026-11-18,0.2%\n",
    "Line 3: the 2026-11-18 of a.example stands there twice with other figures.",
  ],
  [
    "Date,Delivered,Complaints\n2026-11-18,1,5\n",
    "Line 2: there are more complaints than delivered messages.",
  ],
  ["Volume\n1\n", "Line 1: the header names no column for the date."],
  ['Date,Complaint rate\n"2026-11-18,0.1%\n', "Line 2: a quotation mark is not closed."],
  ['[{"date": "2026-11-18"', "The file begins like JSON and is none; it may have been cut off."],
  ['[{"date": "2026-11-18", "rate": "0.1%"}, 7]', "Entry 2: this is no day with its figures."],
  ["Date,Rate\n", "The file holds no day."],
])("a fault of a Yahoo file is one sentence with its place: %#", (text, sentence) => {
  expect(() => readYahooDays(text, about)).toThrow(sentence);
});

test("no text makes a reader fail in another way than with its sentence, or tell a share out of bounds", () => {
  const near = fc
    .array(
      fc.constantFrom(
        "192.0.2.1",
        ",",
        "\n",
        '"',
        "GREEN",
        "< 0.1%",
        "1/1/2026",
        "Date",
        "rate",
        "{",
        "[",
        "]",
        "9e9",
        "-1",
        "%",
      ),
    )
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.oneof(near, fc.string()), (text) => {
      for (const read of [
        (one: string) => readSndsDays(one, about),
        readSndsStatus,
        (one: string) => readYahooDays(one, about),
      ]) {
        try {
          for (const day of read(text))
            if ("complaints" in day && day.complaints !== null) {
              expect(day.complaints.lower).toBeGreaterThanOrEqual(0);
              expect(day.complaints.upper).toBeLessThanOrEqual(1);
            }
        } catch (fault) {
          expect(fault instanceof CsvFault || fault instanceof YahooFault).toBe(true);
        }
      }
    }),
  );
});
