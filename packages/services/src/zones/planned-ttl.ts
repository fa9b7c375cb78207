import { zoneTtl } from "@mailstead/core/zones";

// What a rotation or a move changes is asked for anew soon; the rest seldom changes.
const soonSeconds = 300;
const changedSoon: readonly string[] = ["dkim", "tlsa", "mx", "host-address"];

/** For how long resolvers may keep a planned record. */
export function plannedTtlSeconds(purpose: string): number {
  return changedSoon.includes(purpose) ? soonSeconds : zoneTtl.usual;
}
