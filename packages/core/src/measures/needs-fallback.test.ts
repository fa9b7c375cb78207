import fc from "fast-check";
import { expect, test } from "vitest";
import type { PeriodCount } from "../delivery/index.ts";
import { needsFallback } from "./needs-fallback.ts";

const minuteMs = 60_000;
function count(minute: number, changes: Partial<PeriodCount>): PeriodCount {
  return {
    startsAt: minute * minuteMs,
    direction: "outbound",
    domain: "a.example",
    sendingAddress: "192.0.2.1",
    provider: "gmail",
    status: "sent",
    category: null,
    attempts: 1,
    firstAttempts: 1,
    overTls: 1,
    sizeBytes: 900,
    latencies: {},
    ...changes,
  };
}
const refused = (minute: number, attempts: number) =>
  count(minute, { status: "bounced", category: "ip-blocklist", attempts, firstAttempts: attempts });

test("one delivery an hour ago does not hide that every later message is refused", () => {
  expect(needsFallback([count(0, {}), refused(1, 1), refused(60, 2)])).toBe(true);
  expect(needsFallback([refused(1, 5), count(2, {})])).toBe(false);
  // Which of one minute came first is not known.
  expect(needsFallback([refused(2, 5), count(2, {})])).toBe(false);
  expect(needsFallback([refused(2, 2)])).toBe(false);
  expect(needsFallback([])).toBe(false);
});

test("one message that is tried again and again is no reason, and many old ones are", () => {
  const again = (minute: number, attempts: number) =>
    count(minute, { status: "deferred", category: "ip-reputation", attempts, firstAttempts: 0 });
  const first = { ...again(0, 1), firstAttempts: 1 };
  expect(needsFallback([first, again(5, 1), again(15, 1), again(35, 1), again(75, 1)])).toBe(false);
  expect(needsFallback([first, again(5, 1), again(15, 2), again(15, 1)])).toBe(true);
});

test("whatever came before the newest delivery changes nothing, in any order", () => {
  const told = fc.record({
    minute: fc.nat(8),
    what: fc.constantFrom("sent", "bounced", "deferred", "other"),
    attempts: fc.integer({ min: 1, max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(told, { maxLength: 12 }), (all) => {
      const counts = all.map(({ minute, what, attempts }) =>
        what === "sent"
          ? count(minute, { attempts })
          : what === "other"
            ? count(minute, { status: "bounced", category: "unknown-user", attempts })
            : count(minute, {
                status: what as "bounced" | "deferred",
                category: "ip-reputation",
                attempts,
                firstAttempts: attempts,
              }),
      );
      let blocks = 0;
      for (let minute = 0; minute <= 8; minute += 1) {
        const own = all.filter((one) => one.minute === minute);
        for (const { what, attempts } of own)
          if (what === "bounced" || what === "deferred") blocks += attempts;
        if (own.some(({ what }) => what === "sent")) blocks = 0;
      }
      expect(needsFallback(counts)).toBe(blocks >= 3);
    }),
  );
});
