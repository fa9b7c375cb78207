import fc from "fast-check";
import { expect, test } from "vitest";
import { type AlertedFinding, type AlertWish, planAlert, type ToldFinding } from "./plan-alert.ts";
import { isQuiet } from "./quiet-hours.ts";

const minuteMs = 60_000;
const start = new Date("2026-11-20T12:00:00Z");
const at = (minute: number) => new Date(start.getTime() + minute * minuteMs);
const wish: AlertWish = { leastSeverity: "warning", keyPrefixes: [], quietHours: null, breaksThrough: null };
const finding = (values: Partial<AlertedFinding> = {}): AlertedFinding => ({
  subject: "s1",
  key: "delivery-rate-limit gmail",
  severity: "warning",
  openedAt: at(0),
  closedAt: null,
  isAcknowledged: false,
  snoozedUntil: null,
  isFolded: false,
  ...values,
});

/** Rows of one finding that is open in some minutes and not in others, as the table holds them by then. */
function rowsOf(states: readonly boolean[], minute: number): AlertedFinding[] {
  const rows: AlertedFinding[] = [];
  for (let now = 0; now <= minute; now += 1) {
    const last = rows.at(-1);
    const isOpen = last !== undefined && last.closedAt === null;
    if (states[now] === true && !isOpen) rows.push(finding({ openedAt: at(now) }));
    if (states[now] !== true && isOpen) rows[rows.length - 1] = { ...last, closedAt: at(now) };
  }
  return rows;
}

/** Plans each minute and keeps what was told, as the worker does. */
function follow(states: readonly boolean[], until: number, wanted: AlertWish = wish): string[] {
  let told: ToldFinding[] = [];
  const said: string[] = [];
  for (let minute = 0; minute <= until; minute += 1) {
    const plan = planAlert({ findings: rowsOf(states, minute), told }, wanted, at(minute));
    for (const one of plan.opened) told = [...told, one];
    told = told.filter((one) => !plan.closed.includes(one));
    if (plan.opened.length > 0) said.push(`opened ${minute}`);
    if (plan.closed.length > 0) said.push(`closed ${minute}`);
  }
  return said;
}
const open = (...spans: [number, number][]) =>
  Array.from({ length: 200 }, (_, minute) => spans.some(([from, until]) => minute >= from && minute < until));

test("what comes and goes is told once when it came and once when it went", () => {
  expect(follow(open([0, 60]), 199)).toEqual(["opened 1", "closed 70"]);
});

test("what comes and goes within minutes again and again is told once", () => {
  expect(follow(open([0, 4], [8, 12], [15, 40], [45, 50]), 199)).toEqual(["opened 1", "closed 60"]);
});

test("what was gone before a minute was over is told to nobody", () => {
  expect(follow(open([0, 1]), 199)).toEqual([]);
});

test("what comes in quiet hours waits for their end, and what went meanwhile is no news", () => {
  const quietHours = { fromMinute: 12 * 60, untilMinute: 13 * 60, timeZone: "UTC" };
  expect(follow(open([5, 100]), 199, { ...wish, quietHours })).toEqual(["opened 60", "closed 110"]);
  expect(follow(open([5, 30]), 199, { ...wish, quietHours })).toEqual([]);
  expect(follow(open([5, 100]), 199, { ...wish, quietHours, breaksThrough: "error" })[0]).toBe("opened 60");
  expect(follow(open([5, 100]), 199, { ...wish, quietHours, breaksThrough: "warning" })[0]).toBe("opened 6");
});

test("quiet hours are those of the clocks on the wall, over midnight too", () => {
  const night = { fromMinute: 22 * 60, untilMinute: 6 * 60, timeZone: "Europe/Berlin" };
  expect(isQuiet(night, new Date("2026-01-10T21:30:00Z"))).toBe(true);
  expect(isQuiet(night, new Date("2026-07-10T20:30:00Z"))).toBe(true);
  expect(isQuiet(night, new Date("2026-01-10T20:30:00Z"))).toBe(false);
  expect(isQuiet(night, new Date("2026-01-10T05:30:00Z"))).toBe(false);
});

test.each([
  // At 2 in the morning the clocks go to 3: the night is an hour shorter, and ends when they say so.
  ["2026-03-29T04:59:00+02:00", false],
  ["2026-03-29T01:59:00+01:00", true],
  ["2026-03-29T03:00:00+02:00", true],
  ["2026-03-29T03:30:00+02:00", false],
  // At 3 they go back to 2: the hour that is there twice is quiet both times.
  ["2026-10-25T02:15:00+02:00", true],
  ["2026-10-25T02:15:00+01:00", true],
  ["2026-10-25T03:30:00+01:00", false],
])("quiet hours follow the clocks when they are changed: %s", (moment, isIt) => {
  const night = { fromMinute: 23 * 60, untilMinute: 3 * 60 + 30, timeZone: "Europe/Berlin" };
  expect(isQuiet(night, new Date(moment))).toBe(isIt);
});

test.each<[string, Partial<AlertedFinding>]>([
  ["less than the channel wants", { severity: "instruction" }],
  ["what a person has acknowledged", { isAcknowledged: true }],
  ["what is snoozed", { snoozedUntil: at(120) }],
  ["what is part of an event of many servers", { isFolded: true }],
])("%s is not told", (_what, values) => {
  const told = planAlert({ findings: [finding(values)], told: [] }, wish, at(60));
  expect(told.opened).toEqual([]);
});

test("what is snoozed is told when it is still open then", () => {
  const snoozed = finding({ snoozedUntil: at(120) });
  expect(planAlert({ findings: [snoozed], told: [] }, wish, at(120)).opened).toEqual([snoozed]);
});

test("a warning that has become an error is told again as worse", () => {
  const worse = finding({ severity: "error" });
  const plan = planAlert({ findings: [worse], told: [finding()] }, wish, at(60));
  expect(plan).toEqual({ opened: [], worse: [worse], closed: [] });
});

test("what is gone with its server is told as settled", () => {
  expect(planAlert({ findings: [], told: [finding()] }, wish, at(60)).closed).toHaveLength(1);
});

test("only what begins as the channel wants is told", () => {
  const wanted = { ...wish, keyPrefixes: ["fleet-"] };
  expect(planAlert({ findings: [finding()], told: [] }, wanted, at(60)).opened).toEqual([]);
  const event = finding({ key: "fleet-rate-limit gmail" });
  expect(planAlert({ findings: [event], told: [] }, wanted, at(60)).opened).toEqual([event]);
});

test("whatever comes and goes, coming and going take turns, and never more often than a going lasts", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 80 }), (states) => {
      const said = follow(states, 100);
      for (const [index, text] of said.entries())
        expect(text.startsWith(index % 2 === 0 ? "opened" : "closed")).toBe(true);
      // Nothing is open at the end, so nothing is left that was told and not taken back.
      expect(said.length % 2).toBe(0);
      const closed = said
        .filter((text) => text.startsWith("closed"))
        .map((text) => Number(text.split(" ")[1]));
      for (const [index, minute] of closed.entries())
        expect(minute - (closed[index - 1] ?? -99)).toBeGreaterThan(10);
    }),
    { numRuns: 40 },
  );
});
