import type { MailHealth } from "../updates/index.ts";

/** Whether a host's mail was well at a look: nothing that was tried is bad, and something could be tried. */
export function isMailWell({ checks }: Pick<MailHealth, "checks">): boolean {
  return checks.every(({ state }) => state !== "bad") && checks.some(({ state }) => state === "ok");
}
