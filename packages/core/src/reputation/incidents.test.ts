import { expect, test } from "vitest";
import type { PeriodCount } from "../delivery/index.ts";
import { dayLevel, incidentsOf } from "./index.ts";

const hourMs = 3_600_000;
const now = 400 * hourMs;
const reply = (hour: number, category: PeriodCount["category"], attempts = 2): PeriodCount => ({
  startsAt: hour * hourMs,
  direction: "outbound",
  domain: "a.example",
  sendingAddress: "192.0.2.1",
  provider: "outlook",
  status: "deferred",
  category,
  attempts,
  firstAttempts: 0,
  overTls: 0,
  sizeBytes: 0,
  latencies: {},
});
const sent = (hour: number): PeriodCount => ({ ...reply(hour, null), status: "sent" });

test("replies of one kind are one incident until a day passes without one", () => {
  const told = incidentsOf(
    [
      reply(10, "rate-limit"),
      reply(30, "rate-limit"),
      reply(100, "rate-limit", 5),
      sent(120),
      reply(390, "rdns"),
    ],
    { now, quietMs: 24 * hourMs },
  );
  expect(told).toMatchObject([
    { category: "rdns", beganAt: 390 * hourMs, isOver: false, lastDeliveredAt: 120 * hourMs },
    { category: "rate-limit", beganAt: 100 * hourMs, lastAt: 100 * hourMs, temporary: 5, isOver: true },
    { category: "rate-limit", beganAt: 10 * hourMs, lastAt: 30 * hourMs, temporary: 4, permanent: 0 },
  ]);
});

test("what is part of every healthy day, or about one recipient, is no incident", () => {
  expect(
    incidentsOf([reply(10, "greylisting"), reply(10, "unknown-user")], { now, quietMs: hourMs }),
  ).toEqual([]);
});

test("a day is judged by what was held back for the sender's sake, and says so when it was too little", () => {
  const day = { messages: 200, delivered: 190, deferred: 0, refused: 10, slowed: 0, blocked: 0 };
  expect(dayLevel(day)).toBe("good");
  expect(dayLevel({ ...day, blocked: 10 })).toBe("trouble");
  expect(dayLevel({ ...day, blocked: 1 })).toBe("attention");
  expect(dayLevel({ ...day, slowed: 1 })).toBe("good");
  expect(dayLevel({ ...day, slowed: 1 }, 1)).toBe("attention");
  expect(dayLevel({ ...day, slowed: 30 })).toBe("attention");
  expect(dayLevel({ ...day, delivered: 0, deferred: 190, slowed: 190 })).toBe("trouble");
  expect(dayLevel({ ...day, messages: 5, delivered: 5, refused: 0 })).toBe("few");
  expect(dayLevel({ ...day, messages: 0, delivered: 0, refused: 0 })).toBe("none");
});
