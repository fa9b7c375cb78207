import type { Suite } from "../servers/index.ts";
import { compareVersions, type ExactPackage, type WaitingUpdate } from "../updates/index.ts";
import { kindOf, type RolloutChoice } from "./choice.ts";
import { chooseCanaries } from "./choose-canaries.ts";
import { hashOrder } from "./hash-order.ts";
import type { RolloutSettings } from "./rollout.ts";

/** As much of an update that waits on a server as a plan needs. */
export type PlannedUpdate = Pick<
  WaitingUpdate,
  "name" | "architecture" | "from" | "to" | "origin" | "sourceName" | "isSecurity"
>;

export interface PlanServer {
  readonly id: string;
  readonly suite: Suite;
  readonly isOnline: boolean;
  /** The owner of the fleet named it as one that goes first. */
  readonly isPreferredCanary: boolean;
  /** One that stands in for it is offline, so that it has to stay as it is until that is back. */
  readonly isStandInAway: boolean;
  readonly updates: readonly PlannedUpdate[];
  /** What it waits to start anew for, such as a kernel; null where it does not. */
  readonly startsAnewFor: string | null;
  /** Why it is not to be changed now; null where nothing speaks against it. */
  readonly exclusion: string | null;
  /** What it is to get of a rollout that brings no packages; left out where that is nothing. */
  readonly brings?: Brought;
}

/** An exact version that a server is to get in the place of another: of a package, or of what else a rollout brings. */
export interface PlannedPackage extends ExactPackage {
  readonly from: string | null;
}

/** One thing in its exact version, or why the server does not get it. */
export type Brought = { kind: "gets"; version: PlannedPackage } | { kind: "left-out"; because: string };

export interface PlannedMember {
  readonly serverId: string;
  /** 0 is the canary. */
  readonly wave: number;
  /** Place in the order of hashes, from 0. */
  readonly position: number;
  readonly packages: readonly PlannedPackage[];
}

export interface RolloutPlan {
  readonly members: readonly PlannedMember[];
  readonly leftOut: readonly { serverId: string; because: string }[];
}

/**
 * Freezes who gets which exact versions, and in which wave. Every version that a member is to get is also one of a canary of
 * the same distribution; a server with a version that no server within reach can prove is left out, as is one with
 * an exclusion. A restart is proven like a version, by what it is for.
 */
export function planRollout(
  { seed, servers, choice }: { seed: string; servers: readonly PlanServer[]; choice: RolloutChoice },
  settings: RolloutSettings,
): RolloutPlan {
  const newest = newestVersions(servers);
  const leftOut: { serverId: string; because: string }[] = [];
  const candidates: Candidate[] = [];
  for (const server of servers) {
    const gets = whatItGets(server, choice, newest);
    if (gets === null) continue;
    const because = server.exclusion ?? (gets.kind === "left-out" ? gets.because : null);
    if (because !== null) leftOut.push({ serverId: server.id, because });
    else if (gets.kind === "gets")
      candidates.push({ server, packages: gets.packages, proves: provenBy(server, gets.packages) });
  }
  const ordered = hashOrder(seed, candidates, ({ server }) => server.id);
  const canaries = chooseCanaries(
    ordered.map(({ server, proves }) => ({
      id: server.id,
      isEligible: server.isOnline,
      isPreferred: server.isPreferredCanary,
      isHindered: server.isStandInAway,
      proves: proves.map(({ key }) => key),
    })),
    settings.canary.serversMin,
  );
  const members: Omit<PlannedMember, "wave">[] = [];
  for (const { server, packages, proves } of ordered) {
    const unproven = proves.filter(({ key }) => !canaries.proven.has(key));
    if (unproven.length > 0) leftOut.push({ serverId: server.id, because: unprovenSentence(unproven) });
    else members.push({ serverId: server.id, position: members.length, packages });
  }
  return { members: intoWaves(members, canaries.ids, settings), leftOut };
}

interface Candidate {
  readonly server: PlanServer;
  readonly packages: readonly PlannedPackage[];
  readonly proves: readonly Proof[];
}

/** One thing that a canary proves, and what it is called. */
interface Proof {
  readonly key: string;
  readonly name: string;
}

type Getting = { kind: "gets"; packages: readonly PlannedPackage[] } | Extract<Brought, { kind: "left-out" }>;

/** Null for a server that the rollout is not about. */
function whatItGets(
  server: PlanServer,
  choice: RolloutChoice,
  newest: ReadonlyMap<string, string>,
): Getting | null {
  switch (kindOf(choice)) {
    case "packages": {
      const packages = server.updates
        .filter((update) => isChosen(choice, update))
        .map(({ name, architecture, from, ...update }) => ({
          name,
          architecture,
          from,
          version: newest.get(originKey(server, { name, architecture, ...update })) ?? update.to,
        }))
        .toSorted((a, b) => (a.name + a.architecture < b.name + b.architecture ? -1 : 1));
      return packages.length === 0 ? null : { kind: "gets", packages };
    }
    case "reboots":
      return server.startsAnewFor === null ? null : { kind: "gets", packages: [] };
    case "agents":
    case "configurations":
      if (server.brings === undefined || server.brings.kind === "left-out") return server.brings ?? null;
      return { kind: "gets", packages: [server.brings.version] };
  }
}

/** What brings nothing in an exact version is a restart, which is proven by what it is for. */
function provenBy(
  { suite, startsAnewFor }: PlanServer,
  packages: readonly PlannedPackage[],
): readonly Proof[] {
  return packages.length === 0
    ? [{ key: `${suite} ${startsAnewFor}`, name: `a restart for ${startsAnewFor}` }]
    : packages.map((one) => ({ key: versionKey(suite, one), name: `${one.name} ${one.version}` }));
}

function isChosen(choice: RolloutChoice, { isSecurity, sourceName }: PlannedUpdate): boolean {
  switch (choice.kind) {
    case "all":
      return true;
    case "security":
      return isSecurity;
    case "sources":
      return choice.sourceNames.includes(sourceName);
    default:
      return false;
  }
}

/** The key of one exact version on one distribution, which is what a canary proves. */
export function versionKey(suite: Suite, { name, architecture, version }: ExactPackage): string {
  return `${suite} ${architecture} ${name} ${version}`;
}

/**
 * Two servers that asked the mirror at different times know different newest versions; the mirror has the later one only. Across
 * origins nothing is levelled, since a server without backports cannot reach what another has from there.
 */
function newestVersions(servers: readonly PlanServer[]): ReadonlyMap<string, string> {
  const newest = new Map<string, string>();
  for (const server of servers)
    for (const update of server.updates) {
      const key = originKey(server, update);
      const former = newest.get(key);
      if (former === undefined || compareVersions(update.to, former) > 0) newest.set(key, update.to);
    }
  return newest;
}

function originKey(
  { suite }: Pick<PlanServer, "suite">,
  { name, architecture, origin }: Pick<PlannedUpdate, "name" | "architecture" | "origin">,
): string {
  return `${suite} ${architecture} ${name} ${origin}`;
}

const namedMax = 3;

function unprovenSentence(unproven: readonly Proof[]): string {
  const named = unproven.slice(0, namedMax).map(({ name }) => name);
  const more = unproven.length > namedMax ? ` and ${unproven.length - namedMax} more` : "";
  return `No server that is online can prove ${named.join(", ")}${more} first.`;
}

/** The canaries first, and then each wave up to its share of all. */
function intoWaves(
  members: readonly Omit<PlannedMember, "wave">[],
  canaries: ReadonlySet<string>,
  { waves }: RolloutSettings,
): readonly PlannedMember[] {
  const ends = waves.map(({ share }) => Math.ceil(share * members.length));
  let taken = members.filter(({ serverId }) => canaries.has(serverId)).length;
  return members
    .map((member) => {
      if (canaries.has(member.serverId)) return { ...member, wave: 0 };
      taken += 1;
      const wave = ends.findIndex((end) => taken <= end);
      return { ...member, wave: wave < 0 ? waves.length : wave + 1 };
    })
    .toSorted((a, b) => a.wave - b.wave || a.position - b.position);
}
