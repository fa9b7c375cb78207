import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AccountAlert,
  type AccountRecord,
  accountRecordSchema,
  accountThresholds,
  clearAccount,
  confirmAccount,
  followAccount,
  judgeAccounts,
  learnSending,
  newAccount,
} from "./index.ts";

const dayMs = 86_400_000;
const start = Date.parse("2026-11-01T09:00:00Z");
const at = (day: number) => start + day * dayMs;

interface Account {
  readonly record: AccountRecord;
  readonly alert: AccountAlert | null;
}
const fresh: Account = { record: newAccount(start), alert: null };

/** Looked at as a host does: after what was sent that day, and a last time before the next. */
function day(
  { record, alert }: Account,
  on: number,
  { to, bounced = 0, of = "member" }: { to: number; bounced?: number; of?: string },
): Account {
  let sent = record;
  for (let index = 0; index < to; index += 1)
    sent = learnSending(sent, {
      at: at(on) + index * 100,
      recipient: `${of}${index}@b.example`,
      clientAddress: "198.51.100.7",
      isFirst: true,
      isBounced: index < bounced,
    });
  return followAccount({ record: sent, alert }, sent.at);
}
const later = (account: Account, on: number) => followAccount(account, at(on) + dayMs - 1);
function days(from: number, to: number, size: number, account: Account): Account {
  let next = account;
  for (let on = from; on < to; on += 1) next = day(next, on, { to: size });
  return next;
}

describe("what is steady becomes usual", () => {
  test("who writes to many every day is told of in the first week and no longer, however many they are", () => {
    fc.assert(
      fc.property(fc.integer({ min: accountThresholds.newVolumeMin, max: 500 }), (size) => {
        const week = days(0, 7, size, fresh);
        expect(week.alert).toMatchObject({ certainty: "possible" });
        const ninth = days(7, 9, size, week);
        expect(later(ninth, 8).alert).toBeNull();
        // And what is a jump even for a list is held, on the days after that and in the week before.
        expect(day(ninth, 9, { to: size * 5, bounced: size * 2, of: "stranger" }).alert).toMatchObject({
          certainty: "high",
        });
        expect(day(days(0, 3, size, fresh), 3, { to: size, bounced: size / 2, of: "x" }).alert).toMatchObject(
          { certainty: "high" },
        );
      }),
      { numRuns: 4 },
    );
  });

  test("who writes on six days in two years is judged by those, and by no first week", () => {
    let account = fresh;
    for (let month = 0; month < 24; month += 4) account = day(account, month * 30, { to: 10 });
    const burst = day(account, 730, { to: 100, bounced: 30, of: "stranger" });
    expect(burst.alert).toMatchObject({
      certainty: "high",
      signs: [{ kind: "volume", measured: 100, of: 10 }, { kind: "first-time" }, { kind: "bounces" }],
    });
  });

  test("a list whose days all were odd to an earlier version is usual after two more of them", () => {
    const before = days(0, 40, 300, fresh);
    const odd = before.record.days.map(({ isConfirmed: _, ...rest }) => ({ ...rest, isOdd: true }));
    const record = accountRecordSchema.parse(JSON.parse(JSON.stringify({ ...before.record, days: odd })));
    const first = day({ record, alert: null }, 40, { to: 300 });
    const { alert } = first;
    const told = alert === null ? null : { ...alert, since: new Date(alert.since) };
    const [finding] = judgeAccounts([{ address: "ann@a.example", alert: told, hold: null }]);
    expect(finding?.evidence).toContain(
      "300 recipients within an hour, and nothing is known yet of what is usual for it; to 200 and more no person writes by hand",
    );
    expect(later(days(41, 43, 300, first), 42).alert).toBeNull();
  });

  test("what a person confirmed is usual from the next day on, in the first week and each month after that", () => {
    const told = day(fresh, 0, { to: 300 });
    const confirmed = { record: confirmAccount(told.record, told.alert?.since ?? 0), alert: null };
    expect(day(confirmed, 1, { to: 300 }).alert).toBeNull();
    const letters = days(0, 20, 10, fresh);
    const sent = day(letters, 20, { to: 300, of: "reader" });
    expect(sent.alert).toMatchObject({ certainty: "possible" });
    const known = { record: confirmAccount(sent.record, sent.alert?.since ?? 0), alert: null };
    expect(day(days(21, 51, 10, known), 51, { to: 300, of: "reader" }).alert).toBeNull();
  });
});

describe("what a robber sends does not", () => {
  test("a stolen account is held in its first hour, day after day, and after it was released", () => {
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 600 }), fc.integer({ min: 0, max: 12 }), (size, age) => {
        let account = days(0, age, 5, fresh);
        for (let on = age; on < age + 3; on += 1) {
          account = day(account, on, { to: size, bounced: size / 3, of: `bought${on}-` });
          expect(account.alert).toMatchObject({ certainty: "high" });
          account = { record: clearAccount(account.record, account.record.at), alert: null };
        }
      }),
      { numRuns: 12 },
    );
  });
});
