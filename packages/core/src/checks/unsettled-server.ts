export interface ServerUnderChange {
  /** When the youngest finding that is open was opened. */
  newestFindingAt: Date | null;
  /** When what is asked of the host, or what it tells of itself, changed last. */
  changes: readonly (Date | null)[];
  /** Whether the host holds the newest target state. */
  hasApplied: boolean;
}

/**
 * Since when a server is not known to be right: the last thing that changed about it, while something is wrong or the
 * host has not applied yet what is asked of it. Null when it is right.
 */
export function unsettledSince({ newestFindingAt, changes, hasApplied }: ServerUnderChange): Date | null {
  if (newestFindingAt === null && hasApplied) return null;
  const times = [newestFindingAt, ...changes].flatMap((at) => (at === null ? [] : [at.getTime()]));
  return times.length === 0 ? null : new Date(Math.max(...times));
}
