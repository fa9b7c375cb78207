import { expect, test } from "vitest";
import { addLatency, type PeriodCount } from "../delivery/index.ts";
import { figuresByProvider, judgeReputation, senderFigures } from "./index.ts";

const hourMs = 3_600_000;
const sent: PeriodCount = {
  startsAt: 10 * hourMs,
  direction: "outbound",
  domain: "a.example",
  sendingAddress: "192.0.2.1",
  provider: "gmail",
  status: "sent",
  category: null,
  attempts: 3,
  firstAttempts: 2,
  overTls: 3,
  sizeBytes: 900,
  latencies: addLatency(addLatency(addLatency({}, 1), 1), 600),
};
const deferred: PeriodCount = {
  ...sent,
  status: "deferred",
  category: "rate-limit",
  attempts: 4,
  firstAttempts: 1,
  overTls: 0,
  latencies: {},
};
const bounced: PeriodCount = { ...deferred, status: "bounced", category: "ip-reputation", attempts: 1 };

test("each receiver's figures say what was tried, what became of it and what was said", () => {
  const [gmail, own, ...others] = figuresByProvider([
    sent,
    deferred,
    { ...deferred, startsAt: 12 * hourMs },
    { ...bounced, startsAt: 11 * hourMs },
    { ...sent, provider: null, attempts: 1, firstAttempts: 1, startsAt: 9 * hourMs },
    { ...sent, direction: "inbound", provider: "yahoo" },
  ]);
  expect(others).toEqual([]);
  expect(gmail).toMatchObject({
    provider: "gmail",
    messages: 5,
    attempts: 12,
    delivered: 3,
    deferred: 8,
    refused: 1,
    deliveredOverTls: 3,
    lastDeliveredAt: 10 * hourMs,
    replies: {
      "rate-limit": {
        temporary: 8,
        permanent: 0,
        lastPermanentAt: null,
        lastTemporaryAt: 12 * hourMs,
        firstAt: 10 * hourMs,
        lastAt: 12 * hourMs,
      },
      "ip-reputation": { temporary: 0, permanent: 1, lastPermanentAt: 11 * hourMs },
    },
  });
  expect(gmail?.medianS).toBeCloseTo(1, 1);
  expect((gmail?.slowestS ?? 0) / 600).toBeCloseTo(1, 1);
  expect(own).toMatchObject({ provider: null, messages: 1, lastDeliveredAt: 9 * hourMs, replies: {} });
});

test("figures of a receiver that refuses by the sender's name are judged bad", () => {
  const [figures] = figuresByProvider([sent, bounced]);
  if (figures === undefined) throw new Error("There are no figures.");
  expect(judgeReputation(senderFigures(figures), 12 * hourMs)).toMatchObject({
    reputation: "BAD",
    evidence: [{ code: "blocked", at: 10 * hourMs }],
  });
});
