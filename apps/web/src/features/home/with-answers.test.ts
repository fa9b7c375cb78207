import type { AnswerableFinding, AnswerableKind } from "@mailstead/services/findings";
import { expect, test } from "vitest";
import { withAnswers } from "./with-answers.ts";

const now = new Date("2026-11-29T12:00:00Z");
const later = new Date("2026-11-29T13:00:00Z");
const kept = (
  id: string,
  kind: AnswerableKind,
  about: string,
  more: Partial<AnswerableFinding> = {},
): AnswerableFinding => ({
  ...{ id, kind, about, sentence: `${id} is wrong.`, serverId: null, domainId: null },
  ...{ acknowledgedBy: null, snoozedUntil: null },
  ...more,
});
const concerns = {
  findings: [
    { serverId: "s1", code: "service-down" },
    { serverId: "s1", code: "offline" },
  ],
  domainFindings: [{ domainId: "d1" }, { domainId: "d2" }],
  certificateFindings: [
    { serverId: "s1", domainId: "d1", serverName: "Mail1" },
    { serverId: "s2", domainId: null, serverName: "mail2" },
  ],
  rotationAlarms: [{ domainId: "d1", sentence: "r1 is wrong." }],
  withdrawalAlarms: [{ withdrawalId: "w1" }, { withdrawalId: "w2" }],
};
const idsOf = (lines: readonly { answers: readonly { id: string }[] }[]) =>
  lines.map(({ answers }) => answers.map(({ id }) => id));

test("a host's condition, a wrong record, a certificate, a rotation and a withdrawal are each answered by the findings kept of them", () => {
  const lines = withAnswers(
    concerns,
    [
      kept("c1", "condition", "service-down rspamd.service", { serverId: "s1" }),
      kept("c2", "condition", "service-down postfix.service", { serverId: "s1" }),
      kept("c3", "condition", "service-down postfix.service", { serverId: "s2" }),
      kept("d1a", "record", "spf txt a.example", { domainId: "d1" }),
      kept("t1", "certificate", "ends a.example on mail1", { domainId: "d1" }),
      kept("t2", "certificate", "ends a.example on mail9", { domainId: "d1" }),
      kept("t3", "certificate", "ended mail2.msp.example on mail2", { serverId: "s2" }),
      kept("r1", "keys", "alarm 1", { domainId: "d1" }),
      kept("r2", "keys", "alarm 2", { domainId: "d1" }),
      kept("w", "withdrawal", "w2", {}),
    ],
    now,
  );
  expect(idsOf(lines.findings)).toEqual([["c1", "c2"], []]);
  expect(idsOf(lines.domainFindings)).toEqual([["d1a"], []]);
  expect(idsOf(lines.certificateFindings)).toEqual([["t1"], ["t3"]]);
  expect(idsOf(lines.rotationAlarms)).toEqual([["r1"]]);
  expect(idsOf(lines.withdrawalAlarms)).toEqual([[], ["w"]]);
});

test("a line is left out while all behind it is snoozed, and is back with what comes anew or when the snooze ends", () => {
  const snoozed = kept("d1a", "record", "spf txt a.example", { domainId: "d1", snoozedUntil: later });
  const domainsOf = (all: AnswerableFinding[], at = now) =>
    withAnswers(concerns, all, at).domainFindings.map(({ domainId }) => domainId);
  expect(domainsOf([snoozed])).toEqual(["d2"]);
  expect(domainsOf([snoozed], later)).toEqual(["d1", "d2"]);
  expect(domainsOf([snoozed, kept("d1b", "record", "mx mx a.example", { domainId: "d1" })])).toEqual([
    "d1",
    "d2",
  ]);
});
