import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { failureSentence, type OrderFailure } from "./acme-problem.ts";
import { concernOfCertificate } from "./certificate-concern.ts";
import { challengeRecordName, isServedBy, namesToAskFor } from "./certificate-names.ts";
import { planRollover, wantedDigests } from "./key-rollover.ts";
import { planNextAttempt } from "./order-failure.ts";
import { nextWindowCheck, renewAt } from "./renewal.ts";

const dayMs = 86_400_000;
const now = new Date("2026-11-20T12:00:00Z");
const later = (ms: number) => new Date(now.getTime() + ms);

describe("the names of a certificate", () => {
  const domain = {
    kind: "domain",
    domain: "alpha.example",
    hostname: "mail.alpha.example",
    isWildcard: false,
  } as const;

  it("holds of a mail domain only those that lead to this host, without the host's own", () => {
    const leading = new Set(["mail.alpha.example", "imap.alpha.example", "mta-sts.alpha.example"]);
    expect(namesToAskFor(domain, (name) => leading.has(name))).toEqual([
      "imap.alpha.example",
      "mta-sts.alpha.example",
    ]);
  });

  it("is the wildcard alone where one is wanted, whatever leads here", () => {
    expect(namesToAskFor({ ...domain, isWildcard: true }, () => false)).toEqual(["*.alpha.example"]);
    expect(challengeRecordName("*.alpha.example")).toBe("_acme-challenge.alpha.example");
  });

  it.each([
    ["imap.alpha.example", true],
    ["alpha.example", false],
    ["a.b.alpha.example", false],
  ])("lets a wildcard serve exactly one label: %s", (name, isServed) => {
    expect(isServedBy(name, ["*.alpha.example"])).toBe(isServed);
  });
});

describe("the moment of renewal", () => {
  const life = fc
    .tuple(fc.integer({ min: 60_000, max: 400 * dayMs }), fc.integer({ min: -200, max: 200 }))
    .map(([lifeMs, days]) => ({ notBefore: later(days * dayMs), notAfter: later(days * dayMs + lifeMs) }));

  test("without a window a third of the life is left, and at most a twentieth more", () => {
    fc.assert(
      fc.property(life, fc.string(), (one, certificateId) => {
        const at = renewAt({ certificateId, life: one, window: null }).getTime();
        const lifeMs = one.notAfter.getTime() - one.notBefore.getTime();
        const share = (one.notAfter.getTime() - at) / lifeMs;
        expect(share).toBeGreaterThanOrEqual(1 / 3 - 0.001);
        expect(share).toBeLessThanOrEqual(1 / 3 + 1 / 20 + 0.001);
      }),
    );
  });

  test("with a window it lies in the window, and always before the end", () => {
    fc.assert(
      fc.property(
        life,
        fc.string(),
        fc.integer({ min: -300 * dayMs, max: 300 * dayMs }),
        (one, certificateId, shiftMs) => {
          const start = new Date(one.notBefore.getTime() + shiftMs);
          const window = { start, end: new Date(start.getTime() + dayMs) };
          const at = renewAt({ certificateId, life: one, window });
          expect(at.getTime()).toBeLessThan(one.notAfter.getTime());
          expect(at.getTime()).toBeGreaterThanOrEqual(one.notBefore.getTime());
          if (start > one.notBefore && window.end < new Date(one.notAfter.getTime() - 40 * dayMs)) {
            expect(at.getTime()).toBeGreaterThanOrEqual(start.getTime());
            expect(at.getTime()).toBeLessThanOrEqual(window.end.getTime());
          }
        },
      ),
    );
  });

  it("is another one for each of a thousand certificates that were issued in one minute", () => {
    const one = { notBefore: now, notAfter: later(90 * dayMs) };
    const hours = new Set(
      Array.from({ length: 1000 }, (_, index) =>
        Math.floor(
          renewAt({ certificateId: `certificate-${index}`, life: one, window: null }).getTime() / 3_600_000,
        ),
      ),
    );
    expect(hours.size).toBeGreaterThan(80);
  });
});

const problem = (code: string, detail = "", retryAt: Date | null = null): OrderFailure => ({
  kind: "ca-problem",
  type: `urn:ietf:params:acme:error:${code}`,
  detail,
  retryAt,
});

test.each([
  ["never says", null, 6 * 3_600_000],
  ["says so", 2 * 3_600_000, 2 * 3_600_000],
  ["says at once, or in the past", -5_000, 60_000],
  ["says in ten years", 3650 * dayMs, dayMs],
])("the window of a CA that %s is asked for again in time", (_how, wantedMs, waitMs) => {
  const retryAt = wantedMs === null ? null : later(wantedMs);
  expect(nextWindowCheck(retryAt, now)).toEqual(later(waitMs));
});

describe("what follows a failed order", () => {
  const order = { certificateId: "0198a5e0-0000-7000-8000-000000000001", attempts: 1 };

  it.each<[string, OrderFailure, "temporary" | "permanent"]>([
    [
      "a CA that is down",
      { kind: "ca-unreachable", detail: "connect ECONNREFUSED", retryAt: null },
      "temporary",
    ],
    ["a CA with trouble of its own", problem("serverInternal"), "temporary"],
    ["a rate limit", problem("rateLimited"), "temporary"],
    ["nonces that are refused", problem("badNonce"), "temporary"],
    ["a name that proves nothing", problem("unauthorized"), "permanent"],
    ["a CAA record that names another CA", problem("caa"), "permanent"],
    ["a name that is not issued for", problem("rejectedIdentifier"), "permanent"],
    ["a name that leads elsewhere", { kind: "not-ready", detail: "x", isPermanent: true }, "permanent"],
  ])("%s", (_what, failure, kind) => {
    const next = planNextAttempt(failure, order, now);
    expect(next.kind).toBe(kind);
    expect(next.retryAt.getTime()).toBeGreaterThan(now.getTime());
  });

  it("waits at least as long as the CA asks, and says until when", () => {
    const next = planNextAttempt(
      problem("rateLimited", "too many certificates already issued", later(30 * 3_600_000)),
      order,
      now,
    );
    expect(next.retryAt).toEqual(later(30 * 3_600_000));
    expect(next.sentence).toBe(
      "The certificate authority has issued or refused too much lately and asks us to wait. It says: too many certificates already issued. It is asked again at 18:00 UTC on 21 November 2026.",
    );
  });

  test("waits longer after each failure, without end, and never more than a day", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.uuid(), (attempts, certificateId) => {
        const down: OrderFailure = { kind: "ca-unreachable", detail: "x", retryAt: null };
        const wait = (count: number) =>
          planNextAttempt(down, { certificateId, attempts: count }, now).retryAt.getTime() - now.getTime();
        expect(wait(attempts)).toBeLessThanOrEqual(dayMs);
        if (attempts <= 7) expect(wait(attempts + 1)).toBeGreaterThan(wait(attempts) * 1.5);
        expect(wait(attempts)).toBeGreaterThanOrEqual(120_000);
      }),
    );
  });

  test("asks at most twice a day for what was refused, so that no limit of the CA is burnt", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.uuid(), (attempts, certificateId) => {
        const { retryAt } = planNextAttempt(problem("unauthorized"), { certificateId, attempts }, now);
        expect(retryAt.getTime() - now.getTime()).toBeGreaterThanOrEqual(dayMs / 2);
      }),
    );
  });

  it("says what is about time", () => {
    expect(failureSentence(problem("malformed", "DNSSEC: signature not yet valid"))).toContain(
      "compare the clocks",
    );
    expect(failureSentence(problem("badNonce", "JWS has an invalid anti-replay nonce"))).toMatch(
      /wrong clock or a broken cluster/,
    );
  });

  it("names the name that a sentence is about", () => {
    expect(
      failureSentence({
        ...problem("unauthorized", "Invalid response from http://imap.a.example"),
        name: "imap.a.example",
      } as OrderFailure),
    ).toBe(
      "imap.a.example: the certificate authority found no proof that the name is ours. It says: Invalid response from http://imap.a.example.",
    );
  });
});

describe("the alarm", () => {
  const issued = (daysLeft: number) => ({
    notBefore: later((daysLeft - 90) * dayMs),
    notAfter: later(daysLeft * dayMs),
    problem: null,
  });

  it.each([
    [30, null],
    [14.1, null],
    [14, "attention"],
    [7.1, "attention"],
    [7, "trouble"],
    [0, "trouble"],
    [-3, "trouble"],
  ])("with %s days left of ninety", (daysLeft, level) => {
    expect(concernOfCertificate(issued(daysLeft), now)?.level ?? null).toBe(level);
  });

  it.each([
    [14.1, null],
    [14, "attention"],
    [7.1, "attention"],
    [7, "trouble"],
  ])("with %s days left of forty-five, as authorities come to issue", (daysLeft, level) => {
    const notBefore = later((daysLeft - 45) * dayMs);
    const one = { ...issued(daysLeft), notBefore };
    expect(concernOfCertificate(one, now)?.level ?? null).toBe(level);
  });

  test("never speaks before a renewal without a window is due", () => {
    fc.assert(
      fc.property(fc.integer({ min: 60_000, max: 400 * dayMs }), fc.string(), (lifeMs, certificateId) => {
        const life = { notBefore: now, notAfter: later(lifeMs) };
        const due = renewAt({ certificateId, life, window: null });
        expect(concernOfCertificate({ ...life, problem: null }, due)).toBeNull();
      }),
    );
  });

  it("does not cry over a short-lived certificate that is renewed in time", () => {
    const short = { notBefore: now, notAfter: later(6 * dayMs), problem: null };
    expect(concernOfCertificate(short, later(4 * dayMs))).toBeNull();
    expect(concernOfCertificate(short, later(5.5 * dayMs))?.level).toBe("trouble");
  });

  it("is quiet at the first failures and speaks when a person is needed", () => {
    const signs = (kind: "temporary" | "permanent", attempts: number) => ({
      ...issued(60),
      problem: { kind, attempts },
    });
    expect(concernOfCertificate(signs("temporary", 1), now)).toBeNull();
    expect(concernOfCertificate(signs("temporary", 3), now)?.code).toBe("order-failing");
    expect(concernOfCertificate(signs("permanent", 1), now)?.code).toBe("order-failing");
  });
});

describe("a change of the key", () => {
  const hourMs = 3_600_000;
  const facts = { current: "aa", next: "bb", published: ["aa"], nextSeenSince: null, ttlMs: hourMs };

  it("publishes both records before anything is installed", () => {
    expect(planRollover(facts, now)).toEqual({ kind: "publish", digests: ["aa", "bb"] });
  });

  it("waits for the key, for the servers, and then for a whole time to live", () => {
    expect(planRollover({ ...facts, next: null }, now)).toEqual({ kind: "wait-for-key" });
    expect(planRollover({ ...facts, published: null }, now)).toEqual({ kind: "ask-again" });
    const shown = { ...facts, published: ["aa", "bb"], nextSeenSince: now };
    expect(planRollover(shown, later(hourMs - 1))).toEqual({ kind: "wait", until: later(hourMs) });
    expect(planRollover(shown, later(hourMs))).toEqual({ kind: "install" });
  });

  it("goes on at once where no TLSA record stands, and for the first key", () => {
    expect(planRollover({ ...facts, published: [] }, now)).toEqual({ kind: "install" });
    expect(planRollover({ ...facts, current: null }, now)).toEqual({ kind: "install" });
  });

  test("never shows senders a key that their cache may not know", () => {
    const ttlMs = hourMs;
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("hour", "publish", "seen", "lost"), { maxLength: 30 }),
        (events) => {
          let at = now;
          let published: readonly string[] = ["aa"];
          let nextSeenSince: Date | null = null;
          for (const event of events) {
            if (event === "hour") at = new Date(at.getTime() + hourMs / 4);
            const plan = planRollover({ current: "aa", next: "bb", published, nextSeenSince, ttlMs }, at);
            if (plan.kind === "install") {
              expect(nextSeenSince).not.toBeNull();
              expect(at.getTime() - (nextSeenSince?.getTime() ?? Number.NaN)).toBeGreaterThanOrEqual(ttlMs);
            }
            if (event === "publish" && plan.kind === "publish") published = plan.digests;
            if (event === "seen" && published.includes("bb")) nextSeenSince ??= at;
            if (event === "lost") [published, nextSeenSince] = [["aa"], null];
          }
        },
      ),
    );
  });

  it("wants the installed key's record first, and both while they overlap", () => {
    expect(wantedDigests({ current: "aa", next: "bb" })).toEqual(["aa", "bb"]);
    expect(wantedDigests({ current: null, next: "bb" })).toEqual(["bb"]);
    expect(wantedDigests({ current: "aa", next: "aa" })).toEqual(["aa"]);
  });
});
