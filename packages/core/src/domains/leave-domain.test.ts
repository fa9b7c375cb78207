import { expect, test } from "vitest";
import { leavesAfterMs, mayLeave } from "./leave-domain.ts";

const leavesSince = new Date("2026-11-20T12:00:00Z");
const later = new Date(leavesSince.getTime() + leavesAfterMs);

test.each([
  ["too early, whatever the world says", "backup-mx", [], new Date(later.getTime() - 1), false],
  ["nobody has looked", "mx", null, later, false],
  ["it is still named as an MX", "mx", ["mx1.a.example", "mx2.a.example"], later, false],
  ["the world has forgotten it", "backup-mx", ["mx1.a.example"], later, true],
  ["it never received", "outbound", null, later, true],
] as const)(
  "a server leaves a domain when nobody asks for it any more: %s",
  (_why, role, mxHosts, now, expected) => {
    expect(mayLeave({ role, hostname: "mx2.a.example", leavesSince }, { mxHosts, now })).toBe(expected);
  },
);
