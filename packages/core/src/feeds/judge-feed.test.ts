import { expect, test } from "vitest";
import {
  complaintsTooHigh,
  type FeedSigns,
  feedbackIdOf,
  feedbackSenderId,
  feedStanding,
  googleCompliance,
  googleDays,
  googleLoopIds,
  googleLoopMetric,
  judgeFeed,
  nextFeedLook,
} from "./index.ts";

const now = new Date("2026-11-20T12:00:00Z");
const signs = (changes: Partial<FeedSigns>): FeedSigns => ({
  kind: "snds",
  label: "SNDS",
  newestDay: "2026-11-19",
  since: new Date("2026-06-01T00:00:00Z"),
  problem: null,
  linkedAt: now,
  confirmedAt: now,
  ...changes,
});
const codes = (changes: Partial<FeedSigns>) =>
  judgeFeed(signs(changes), now).map(({ key }) => key.split(" ")[0]);

test("a feed is stale by the age of its newest day, and one that told nothing yet is waited for", () => {
  const since = new Date("2026-11-18T00:00:00Z");
  expect(feedStanding({ kind: "google-postmaster", newestDay: "2026-11-18", since }, now)).toEqual({
    kind: "fresh",
    ageDays: 2,
  });
  expect(feedStanding({ kind: "google-postmaster", newestDay: "2026-11-15", since }, now)).toEqual({
    kind: "stale",
    ageDays: 5,
  });
  expect(feedStanding({ kind: "yahoo", newestDay: "2026-11-15", since }, now)).toMatchObject({
    kind: "fresh",
  });
  expect(feedStanding({ kind: "snds", newestDay: null, since }, now)).toEqual({ kind: "waiting" });
  expect(feedStanding({ kind: "snds", newestDay: null, since: new Date("2026-10-01") }, now)).toEqual({
    kind: "silent",
  });
});

test("a feed that is well has nothing to tell", () => {
  expect(judgeFeed(signs({}), now)).toEqual([]);
});

test("what a person must mend is told at once, what goes by itself once it has lasted a day", () => {
  const problem = (kind: "temporary" | "permanent", hoursAgo: number) => ({
    kind,
    sentence: "It failed.",
    since: new Date(now.getTime() - hoursAgo * 3_600_000),
  });
  expect(codes({ problem: problem("permanent", 0) })).toEqual(["feed-failing"]);
  expect(codes({ problem: problem("temporary", 23) })).toEqual([]);
  // What cannot be read is not told as stale besides.
  expect(codes({ problem: problem("temporary", 24), newestDay: "2026-11-01" })).toEqual(["feed-failing"]);
});

test("a stale feed says how old it is, how old it usually is, and what to do", () => {
  expect(judgeFeed(signs({ newestDay: "2026-11-14" }), now)).toEqual([
    {
      key: "feed-stale snds snds",
      severity: "warning",
      sentence:
        "The newest figures of SNDS are of 14 November 2026, 6 days ago; usually they are 1 day old. Microsoft tells nothing of addresses that sent fewer than a hundred messages a day; if they sent more, open the link in a browser and make it anew.",
      told: { evidence: ["newest day that it told of: 14 November 2026", "usual: 1 day old"] },
    },
  ]);
});

test("a link of SNDS is told of before its thirtieth day, and access before its tenth month", () => {
  const ago = (days: number) => new Date(now.getTime() - days * 86_400_000);
  expect(codes({ linkedAt: ago(15) })).toEqual([]);
  // The link may have been made some days before it was entered.
  expect(codes({ linkedAt: ago(16) })).toEqual(["feed-link-ends"]);
  expect(judgeFeed(signs({ linkedAt: ago(16) }), now)[0]?.sentence).toContain(
    "ends on 4 December 2026 at the latest",
  );
  expect(codes({ confirmedAt: new Date("2026-02-20T12:00:00Z") })).toEqual(["feed-access-ends"]);
  expect(codes({ confirmedAt: new Date("2026-04-20T12:00:00Z") })).toEqual([]);
  expect(judgeFeed(signs({ linkedAt: ago(31) }), now)[0]?.sentence).toContain("ended on 19 November 2026");
  expect(codes({ kind: "google-postmaster", linkedAt: null, confirmedAt: null })).toEqual([]);
});

test("complaints are told when they are certainly too many, whatever the band", () => {
  const day = (lower: number) =>
    complaintsTooHigh({ kind: "snds", subject: "192.0.2.1", day: "2026-11-19", lower });
  expect(day(0)).toBeNull();
  expect(day(0.001)).toBeNull();
  expect(day(0.002)).toMatchObject({ severity: "warning" });
  expect(day(0.004)).toMatchObject({ severity: "error", key: "feed-complaints snds 192.0.2.1" });
});

test("looks are parted by chance, failures are waited for twice as long each, and the provider's wish is kept", () => {
  const next = (failures: number, chance = 0.5, retryAfterMs: number | null = null) =>
    (nextFeedLook({ kind: "snds", failures, retryAfterMs, chance }, now).getTime() - now.getTime()) / 60_000;
  expect(next(0, 0)).not.toBe(next(0, 1));
  expect(next(1)).toBe(5);
  expect(next(2)).toBe(10);
  expect(next(40)).toBe(720);
  expect(next(1, 0.5, 3_600_000)).toBe(60);
});

test("values of Google's queries become days, and a day without any is none", () => {
  const date = { year: 2026, month: 11, day: 18 };
  const stats = [
    { metric: "spam", date, value: { doubleValue: 0.0004 } },
    { metric: "dkim", date, value: { floatValue: 1 } },
    { metric: "error:reject:low_ip_reputation", date, value: { doubleValue: 0.02 } },
    { metric: "error:temp_fail:other", date, value: { doubleValue: 0 } },
    { metric: "loops", date, value: { stringList: { values: ["ms0123456789ab", "x"] } } },
    { metric: "loop:ms0123456789ab", date, value: { doubleValue: 0.001 } },
    { metric: "spf", date: { ...date, day: 19 } },
    { metric: "spam", date: { ...date, day: 17 }, value: { doubleValue: 7 } },
  ];
  expect(googleDays("a.example", stats)).toEqual([
    {
      subject: "a.example",
      day: "2026-11-18",
      messages: null,
      complaints: { lower: 0.0004, upper: 0.0004 },
      figures: {
        kind: "google-postmaster",
        spf: null,
        dkim: 1,
        dmarc: null,
        tlsInbound: null,
        tlsOutbound: null,
        errors: [{ type: "reject", reason: "low_ip_reputation", share: 0.02 }],
        loops: [{ id: "ms0123456789ab", share: 0.001 }],
      },
    },
  ]);
  expect(googleLoopIds(stats)).toEqual(["ms0123456789ab", "x"]);
  expect(googleLoopMetric('a" OR "b')).toBeNull();
});

test("Google's rules come with its reasons, and what it has not judged is left out", () => {
  const told = {
    complianceData: {
      rowData: [
        { requirement: "SPF", status: { status: "COMPLIANT" } },
        { requirement: "DMARC_POLICY", status: { status: "STATE_UNSPECIFIED" } },
        { requirement: "ONE_CLICK_UNSUBSCRIBE", status: { status: "COMPLIANT" } },
      ],
      oneClickUnsubscribeVerdict: { status: { status: "NEEDS_WORK" }, reason: "NO_UNSUB_GENERAL" },
    },
  };
  expect(googleCompliance(told)).toEqual([
    { requirement: "SPF", isMet: true, reason: null },
    { requirement: "ONE_CLICK_UNSUBSCRIBE", isMet: false, reason: "NO_UNSUB_GENERAL" },
  ]);
  expect(googleCompliance({})).toEqual([]);
});

test("a customer's SenderId is the same on every server, another for each customer, and of Google's length", () => {
  const one = feedbackSenderId("0193a5b0-7c1e-7000-8000-0000000000aa");
  expect(one).toBe("ms0000000000aa");
  expect(feedbackSenderId("0193a5b0-7c1e-7000-8000-0000000000ab")).not.toBe(one);
  const header = feedbackIdOf({ serverId: "0193a5b0-7c1e-7000-8000-000000000001", senderId: one });
  expect(header).toBe("s000000000001:submission:mailstead:ms0000000000aa");
  expect(header.split(":")).toHaveLength(4);
});
