/** What happened to a fleet so far, as plain numbers, so that those of several processes add up. */
export interface FleetTally {
  agents: number;
  /** Connected and welcomed now. */
  connected: number;
  welcomes: number;
  losses: number;
  /** Sent away because too many came at once. */
  busy: number;
  /** Refused for good: quarantined, unknown, or a proof that does not hold. */
  lockedOut: number;
  clones: number;
  vanished: number;
  /** Orders that came, those among them that had come before too. */
  orders: number;
  started: number;
  /** Jobs that were begun more than once, which must never be. */
  startedAgain: number;
  succeeded: number;
  failed: number;
  cancelled: number;
  confirmed: number;
  /** Frames of a lying agent that were not so. */
  lies: number;
  batchesSent: number;
  batchesStored: number;
}

export const nothingYet: Readonly<FleetTally> = {
  agents: 0,
  connected: 0,
  welcomes: 0,
  losses: 0,
  busy: 0,
  lockedOut: 0,
  clones: 0,
  vanished: 0,
  orders: 0,
  started: 0,
  startedAgain: 0,
  succeeded: 0,
  failed: 0,
  cancelled: 0,
  confirmed: 0,
  lies: 0,
  batchesSent: 0,
  batchesStored: 0,
};

export function addTallies(tallies: readonly FleetTally[]): FleetTally {
  const all = { ...nothingYet };
  for (const tally of tallies)
    for (const name of Object.keys(all) as (keyof FleetTally)[]) all[name] += tally[name];
  return all;
}
