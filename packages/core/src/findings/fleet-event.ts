import { compareShare, shareBounds } from "../reputation/index.ts";
import type { FleetCause } from "./finding-details.ts";

/** One server at which one condition began. Time in milliseconds since 1970. */
export interface StruckServer {
  readonly serverId: string;
  readonly tenantId: string;
  /** Where its sending address lies: servers of one network share neighbours. */
  readonly network: string;
  readonly beganAt: number;
  /** When its target state last changed before that; null where it never did. */
  readonly changedAt: number | null;
}

/** Everything that wrote to the receiver in that time, struck or not. */
export interface ActiveServer {
  readonly serverId: string;
  readonly tenantId: string;
  readonly network: string;
  readonly changedAt: number | null;
}

export interface FleetSight {
  readonly struck: readonly StruckServer[];
  readonly active: readonly ActiveServer[];
  /** How often the same began at a server of the organisation before, each on its own, and over how long. */
  readonly baseline: { readonly beginnings: number; readonly days: number };
  /** Servers of the event that is open; empty for none. */
  readonly open: readonly string[];
}

export interface FleetEvent {
  readonly serverIds: readonly string[];
  readonly beganAt: number;
  readonly cause: FleetCause;
  readonly activeServers: number;
}

/** How close together beginnings must lie to have one cause. */
export const fleetWindowMs = 60 * 60_000;
/** Two servers may meet by chance, and one customer's two servers share everything. */
const serversMin = 3;
/** Two of different customers are enough where they begin as close together as this: small fleets have no third. */
const pairWindowMs = 15 * 60_000;
/** An open event ends once fewer than these are still struck: what is left is told by itself. */
const serversToKeep = 2;
/** Chance, at the usual pace of beginnings, below which so many at once are no coincidence. */
const chanceMax = 0.001;
const changeCountsMs = 24 * 3_600_000;
const dayMs = 24 * 3_600_000;

/**
 * Finds whether many servers were struck by the same condition at once. Null where they were not, or where so many at
 * once are no more than usual. An event that is open takes in whoever is struck later, and lasts until hardly one is left.
 */
export function findFleetEvent({ struck, active, baseline, open }: FleetSight): FleetEvent | null {
  const members = open.length > 0 ? stillOpen(struck, open) : (densest(struck) ?? pair(struck));
  if (members === null) return null;
  const windowMs = members.length < serversMin ? pairWindowMs : fleetWindowMs;
  if (open.length === 0 && !isUnusual(members.length, windowMs, baseline)) return null;
  return {
    serverIds: members.map(({ serverId }) => serverId),
    beganAt: Math.min(...members.map(({ beganAt }) => beganAt)),
    cause: judgeCause(members, active),
    activeServers: Math.max(active.length, members.length),
  };
}

function stillOpen(struck: readonly StruckServer[], open: readonly string[]): readonly StruckServer[] | null {
  const before = struck.filter(({ serverId }) => open.includes(serverId));
  if (before.length < serversToKeep) return null;
  const beganAt = Math.min(...before.map((one) => one.beganAt));
  // Whoever was struck long before had it for a reason of its own.
  return struck.filter((one) => open.includes(one.serverId) || one.beganAt >= beganAt);
}

/** The most servers whose beginnings lie within the window; the later ones where there are several. */
function densest(struck: readonly StruckServer[]): readonly StruckServer[] | null {
  const sorted = [...struck].sort((a, b) => a.beganAt - b.beganAt);
  let best: readonly StruckServer[] = [];
  for (const { beganAt } of sorted) {
    const within = sorted.filter((one) => one.beganAt >= beganAt && one.beganAt <= beganAt + fleetWindowMs);
    if (within.length >= best.length) best = within;
  }
  return best.length >= serversMin ? best : null;
}

/** Two neighbours in time of different customers; the later ones where there are several. */
function pair(struck: readonly StruckServer[]): readonly StruckServer[] | null {
  const sorted = [...struck].sort((a, b) => a.beganAt - b.beganAt || a.serverId.localeCompare(b.serverId));
  const pairs = sorted.flatMap((one, at) => {
    const next = sorted[at + 1];
    const isPair =
      next !== undefined && next.tenantId !== one.tenantId && next.beganAt - one.beganAt <= pairWindowMs;
    return isPair ? [[one, next]] : [];
  });
  return pairs.at(-1) ?? null;
}

/** Whether `count` beginnings in one window are more than the organisation's own past explains (Poisson). */
function isUnusual(count: number, windowMs: number, { beginnings, days }: FleetSight["baseline"]): boolean {
  // One more than was seen: a past without any is no promise of a future without.
  const expected = ((beginnings + 1) / Math.max(days, 1)) * (windowMs / dayMs);
  let term = Math.exp(-expected);
  let below = 0;
  for (let k = 0; k < count; k += 1) {
    below += term;
    term *= expected / (k + 1);
  }
  return 1 - below < chanceMax;
}

/**
 * Whose doing it is, as far as what the servers have in common says. Nothing is blamed that those without trouble have as
 * well, and where all have everything in common nothing can be told apart.
 */
function judgeCause(members: readonly StruckServer[], active: readonly ActiveServer[]): FleetCause {
  const struckIds = new Set(members.map(({ serverId }) => serverId));
  const spared = active.filter(({ serverId }) => !struckIds.has(serverId));
  const beganAt = Math.min(...members.map((one) => one.beganAt));
  const hasChanged = ({ changedAt }: { changedAt: number | null }) =>
    changedAt !== null && changedAt <= beganAt && beganAt - changedAt <= changeCountsMs;
  const networks = new Set(members.map(({ network }) => network));
  const tenants = new Set(members.map(({ tenantId }) => tenantId));
  if (spared.length > 0) {
    if (members.every(hasChanged) && !spared.some(hasChanged)) return "our-change";
    if (networks.size === 1 && !spared.some(({ network }) => networks.has(network))) return "our-network";
    if (tenants.size === 1 && !spared.some(({ tenantId }) => tenants.has(tenantId))) return "our-customer";
  }
  const share = shareBounds(members.length, members.length + spared.length);
  const areUnrelated = networks.size > 1 && tenants.size > 1;
  return areUnrelated && compareShare(share, 0.5) === "above" ? "their-change" : "unknown";
}
