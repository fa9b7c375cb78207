import { expect, test } from "vitest";
import { judgeHealth } from "./judge-health.ts";
import type { HealthCheck, HealthFigures, MailHealth } from "./mail-health.ts";
import { nextProbe, probeSpacingMs } from "./next-probe.ts";

const ok: HealthCheck = { id: "greeting", state: "ok", sentence: "It greets.", faults: [] };
const units = (...faults: string[]): HealthCheck => ({
  id: "units",
  state: faults.length === 0 ? "ok" : "bad",
  sentence: `${faults.join(" and ")} stand still.`,
  faults,
});
const quiet: HealthFigures = { queueMessages: null, recent: null };
const health = (checks: readonly HealthCheck[], figures = quiet): MailHealth => ({
  checks: [ok, ...checks],
  figures,
  tookMs: 1,
});
const attempts = (sent: number, deferred: number, rejected = 0) => ({ sent, deferred, bounced: 0, rejected });

test("what was bad before is not held against the update, but said", () => {
  const before = health([units("fail2ban.service")]);
  expect(judgeHealth({ before, after: before, baseline: [] })).toEqual({
    kind: "well",
    standing: [{ about: "units", sentence: "fail2ban.service stand still." }],
  });
});

test("what is newly bad beside what was bad before is held against the update", () => {
  const judgement = judgeHealth({
    before: health([units("fail2ban.service")]),
    after: health([units("fail2ban.service", "dovecot.service")]),
    baseline: [],
  });
  expect(judgement.kind).toBe("bad");
});

test("a host that never could be tried on something is judged by the rest; one that could is unknown", () => {
  const unsigned = health([
    { id: "signature", state: "unknown", sentence: "It hosts no domain.", faults: [] },
  ]);
  const signed = health([{ id: "signature", state: "ok", sentence: "It verifies.", faults: [] }]);
  expect(judgeHealth({ before: unsigned, after: unsigned, baseline: [] }).kind).toBe("well");
  expect(judgeHealth({ before: signed, after: unsigned, baseline: [] }).kind).toBe("unknown");
  expect(judgeHealth({ before: signed, after: health([]), baseline: [] }).kind).toBe("unknown");
  expect(judgeHealth({ before: signed, after: null, baseline: [] }).kind).toBe("unknown");
});

test.each([
  ["deferrals as ever", attempts(900, 100), "well"],
  ["one deferral of one", attempts(0, 1), "well"],
  ["two of three", attempts(1, 2), "well"],
  ["nineteen of nineteen", attempts(0, 19), "well"],
  ["half of all put off", attempts(50, 50), "bad"],
  ["a few more of very many", attempts(88_000, 12_000), "well"],
  ["mail refused at the door", attempts(20, 0, 80), "bad"],
] as const)("of the last attempts, %s: %s is %s", (_, recent, kind) => {
  const baseline = Array.from({ length: 10 }, () => ({ queueMessages: 5, recent: attempts(90, 10) }));
  const judgement = judgeHealth({
    before: health([]),
    after: health([], { queueMessages: 5, recent }),
    baseline,
  });
  expect(judgement.kind).toBe(kind);
});

test("an hour of the server's own that was as bad makes it usual", () => {
  const worst = { queueMessages: 400, recent: attempts(50, 50) };
  const after = health([], { queueMessages: 500, recent: attempts(50, 50) });
  expect(judgeHealth({ before: health([]), after, baseline: [worst] }).kind).toBe("well");
  expect(judgeHealth({ before: health([], worst), after, baseline: [] }).kind).toBe("well");
});

test("a queue is too deep only where it is many and several times the usual", () => {
  const depth = (before: number, after: number) =>
    judgeHealth({
      before: health([], { queueMessages: before, recent: null }),
      after: health([], { queueMessages: after, recent: null }),
      baseline: [],
    }).kind;
  expect(depth(0, 49)).toBe("well");
  expect(depth(0, 50)).toBe("bad");
  expect(depth(1000, 1999)).toBe("well");
  expect(depth(1000, 2000)).toBe("bad");
});

const judged = (at: number, kind: "bad" | "unknown") => ({
  at: new Date(at),
  judgement: { kind, reasons: [], standing: [] },
});

test("two bad probes at once are one look; it is probed again", () => {
  const probes = [judged(0, "bad"), judged(1000, "bad")];
  expect(nextProbe(probes, new Date(1000))).toEqual({
    kind: "probe-again",
    at: new Date(1000 + probeSpacingMs),
  });
});

test("a bad probe that nothing confirmed ends as unknown", () => {
  const probes = [judged(0, "bad"), ...[1, 2, 3, 4].map((n) => judged(n * probeSpacingMs, "unknown"))];
  expect(nextProbe(probes, new Date(0))).toMatchObject({ kind: "settled", judgement: { kind: "unknown" } });
});
