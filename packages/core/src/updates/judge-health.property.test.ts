import fc from "fast-check";
import { expect, test } from "vitest";
import { judgeHealth } from "./judge-health.ts";
import { type HealthCheck, type HealthFigures, healthCheckIds, type MailHealth } from "./mail-health.ts";
import { type JudgedProbe, nextProbe, probeSpacingMs, probesMax } from "./next-probe.ts";

const state = fc.constantFrom("ok", "bad", "unknown");
const check = fc.record<HealthCheck>({
  id: fc.constantFrom(...healthCheckIds),
  state,
  sentence: fc.constant("It is so."),
  faults: fc.uniqueArray(fc.constantFrom("25", "993", "dovecot.service"), { maxLength: 3 }),
});
const count = fc.oneof(fc.nat(30), fc.nat(100_000));
const figures = fc.record<HealthFigures>({
  queueMessages: fc.option(count),
  recent: fc.option(fc.record({ sent: count, deferred: count, bounced: count, rejected: count })),
});
const health = fc.record<MailHealth>({
  checks: fc.array(check, { maxLength: 8 }),
  figures,
  tookMs: fc.constant(1),
});
const asked = fc.record({
  before: fc.option(health),
  after: fc.option(health),
  baseline: fc.array(figures, { maxLength: 5 }),
});

test("a server that is as it was is never bad", () => {
  fc.assert(
    fc.property(health, fc.array(figures, { maxLength: 5 }), (same, baseline) => {
      expect(judgeHealth({ before: same, after: same, baseline }).kind).not.toBe("bad");
    }),
  );
});

test("what could not be tried is never bad, whatever was before", () => {
  fc.assert(
    fc.property(asked, ({ before, after, baseline }) => {
      const untried = after && {
        ...after,
        checks: after.checks.map((one) => ({ ...one, state: "unknown" as const })),
        figures: { queueMessages: null, recent: null },
      };
      expect(judgeHealth({ before, after: untried, baseline }).kind).toBe("unknown");
    }),
  );
});

test("a check that fails now and was ok before is always bad, and said", () => {
  fc.assert(
    fc.property(asked, fc.constantFrom(...healthCheckIds), ({ before, after, baseline }, id) => {
      const only = (one: MailHealth | null, now: HealthCheck["state"]): MailHealth => ({
        tookMs: 1,
        figures: one?.figures ?? { queueMessages: null, recent: null },
        checks: [
          ...(one?.checks ?? []).filter((other) => other.id !== id),
          { id, state: now, sentence: "It fails.", faults: [] },
        ],
      });
      expect(judgeHealth({ before: only(before, "ok"), after: only(after, "bad"), baseline })).toMatchObject({
        kind: "bad",
        reasons: expect.arrayContaining([{ about: id, sentence: "It fails." }]),
      });
    }),
  );
});

test("whatever is bad after is either a reason or said to be standing", () => {
  fc.assert(
    fc.property(asked, (all) => {
      const judgement = judgeHealth(all);
      const told = new Set(
        [...judgement.standing, ...("reasons" in judgement ? judgement.reasons : [])].map(
          ({ about }) => about,
        ),
      );
      for (const one of all.after?.checks ?? []) if (one.state === "bad") expect(told).toContain(one.id);
    }),
  );
});

test("figures without a baseline, and small ones, decide nothing", () => {
  const checks: HealthCheck[] = [{ id: "greeting", state: "ok", sentence: "It greets.", faults: [] }];
  const small = fc.record({ sent: fc.nat(1), deferred: fc.nat(1), bounced: fc.nat(1), rejected: fc.nat(1) });
  fc.assert(
    fc.property(figures, small, fc.nat(49), fc.array(figures), (alone, recent, queueMessages, baseline) => {
      const after = { checks, figures: alone, tookMs: 1 };
      expect(judgeHealth({ before: { checks, figures: nothing, tookMs: 1 }, after, baseline: [] }).kind).toBe(
        "well",
      );
      const calm = {
        checks,
        figures: { queueMessages, recent: { ...recent, deferred: 0, bounced: 0 } },
        tookMs: 1,
      };
      expect(judgeHealth({ before: { ...calm, figures: nothing }, after: calm, baseline }).kind).toBe("well");
    }),
  );
});
const nothing: HealthFigures = { queueMessages: null, recent: null };

test("two bad probes, spaced, and nothing else make bad, and every row of probes comes to an end", () => {
  const kind = fc.constantFrom("well", "bad", "unknown");
  fc.assert(
    fc.property(
      fc.array(kind, { minLength: probesMax, maxLength: probesMax }),
      fc.nat(300_000),
      (kinds, lateMs) => {
        const probes: JudgedProbe[] = [];
        let now = new Date(0);
        for (const one of kinds) {
          const next = nextProbe(probes, now);
          if (next.kind === "settled") break;
          expect(next.at.getTime()).toBeGreaterThanOrEqual(now.getTime());
          now = new Date(next.at.getTime() + lateMs);
          const judgement =
            one === "well" ? { kind: one, standing: [] } : { kind: one, reasons: [], standing: [] };
          probes.push({ at: now, judgement });
        }
        const end = nextProbe(probes, now);
        expect(end.kind).toBe("settled");
        if (end.kind !== "settled" || end.judgement.kind !== "bad") return;
        const bad = probes.filter(({ judgement }) => judgement.kind === "bad");
        expect(probes.some(({ judgement }) => judgement.kind === "well")).toBe(false);
        expect(bad).toHaveLength(2);
        expect(Number(bad[1]?.at) - Number(bad[0]?.at)).toBeGreaterThanOrEqual(probeSpacingMs);
      },
    ),
  );
});
