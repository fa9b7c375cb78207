import { type HealthCheck, type MailHealth, outsideCheckId } from "@mailstead/core/updates";
import type { MemberRow } from "./save-members.ts";

/**
 * A host's look at its mail with how its port 25 is met from outside since the change. It is looked at only where it was met
 * before, which is added to the look before. What nobody could tell is in neither, and what a host says of it itself counts for nothing.
 */
export function withOutside(
  member: MemberRow,
  told: MailHealth,
): { before: MailHealth | null; after: MailHealth } {
  const { healthBefore } = member;
  const check = checkOf(member);
  const before = healthBefore === null ? null : withCheck(healthBefore, check === null ? null : metBefore);
  return { before, after: withCheck(told, check) };
}

const metBefore: HealthCheck = {
  id: outsideCheckId,
  state: "ok",
  sentence: "Port 25 was met at the last check from outside.",
  faults: [],
};

function checkOf({ state, outside, changedAt, probes }: MemberRow): HealthCheck | null {
  if (state !== "verifying" && state !== "rechecking") return null;
  if (outside === null || changedAt === null || Date.parse(outside.at) < changedAt.getTime()) return null;
  const { at, sentence } = outside;
  switch (outside.state) {
    case "unknown":
      return null;
    case "ok":
      return { id: outsideCheckId, state: "ok", sentence, faults: [] };
    case "bad": {
      // One look from outside is not found twice by two looks of the host.
      const last = probes.at(-1);
      const isTold = last !== undefined && Date.parse(last.at) >= Date.parse(at);
      return {
        id: outsideCheckId,
        state: isTold ? "unknown" : "bad",
        sentence,
        faults: isTold ? [] : ["25"],
      };
    }
  }
}

function withCheck(health: MailHealth, check: HealthCheck | null): MailHealth {
  const others = health.checks.filter(({ id }) => id !== outsideCheckId);
  return { ...health, checks: check === null ? others : [...others, check] };
}
