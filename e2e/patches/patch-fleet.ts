import {
  defaultRolloutSettings,
  type RolloutSettings,
  type RolloutState,
  settledStates,
} from "@mailstead/core/rollouts";
import { rollBackRollout, startRollout } from "@mailstead/services/rollouts";
import { domainName, openSigningDomain, type SigningDomain } from "../dkim/signing-domain.ts";
import type { LabHost } from "../lab/host.ts";
import type { Suite } from "../lab/image-recipes.ts";
import { openLab } from "../lab/lab.ts";
import { PackageRepository } from "../lab/package-repository.ts";
import { waitFor } from "../lab/wait-for.ts";
import { query } from "../scene/database.ts";

export interface PatchedHost {
  readonly name: string;
  readonly suite: Suite;
}

/** Two of each suite, so that each has a canary and somebody who must not see what breaks there. */
export const patchedHosts = [
  { name: "mail1", suite: "bookworm" },
  { name: "mail2", suite: "trixie" },
  { name: "mail3", suite: "bookworm" },
  { name: "mail4", suite: "trixie" },
] as const satisfies readonly PatchedHost[];

/** A canary of each version, then all, without a wait between them. */
export const patchSettings: RolloutSettings = {
  ...defaultRolloutSettings,
  canary: { serversMin: 1, bakeTimeMs: 0, needsApproval: false },
  waves: [{ share: 1, bakeTimeMs: 0, needsApproval: false }],
};

/** Real hosts that serve mail, a real control plane, and a signed repository whose packages they take for Debian's newer ones. */
export interface PatchFleet {
  readonly place: SigningDomain;
  readonly hosts: readonly PatchedHost[];
  readonly repository: PackageRepository;
  host(name: string): LabHost;
  /** Has every host ask the repository, and waits until the control plane knows that this source waits on so many of them. */
  untilWaiting(sourceName: string, servers: number): Promise<void>;
  /** Starts a rollout of one source, and waits until it is over or halted. */
  rollOut(sourceName: string, changed?: Partial<RolloutSettings>): Promise<RolloutEnd>;
  /** Has a rollout go back on every server, and waits until that is done. */
  rollBack(rolloutId: string): Promise<RolloutEnd>;
  close(): Promise<void>;
}

export interface RolloutEnd {
  readonly id: string;
  readonly state: RolloutState;
  readonly haltedBecause: string | null;
  readonly members: ReadonlyMap<string, { state: string; wave: number; problem: string | null }>;
  /** The whole of it, for the sentence of a check that fails. */
  readonly story: string;
}

const endsWithinMs = 900_000;

export interface PatchFleetOptions {
  readonly hosts?: readonly PatchedHost[];
  /** Receivers that take the fleet's mail; without them none leaves. */
  readonly receivers?: boolean;
  readonly log: (line: string) => void;
}

export async function openPatchFleet({
  hosts = patchedHosts,
  receivers = false,
  log,
}: PatchFleetOptions): Promise<PatchFleet> {
  const lab = await openLab({
    hosts: hosts.map((host) => ({ ...host, image: "stack" })),
    zones: [domainName],
    receivers,
    log,
  });
  try {
    const place = await openSigningDomain(lab, { hosts, negativeTtlS: 5, log });
    const repository = await PackageRepository.open(lab);
    for (const { name } of hosts) await repository.addTo(lab.host(name));
    return fleetOf(place, hosts, repository);
  } catch (cause) {
    await lab.close();
    throw cause;
  }
}

function fleetOf(
  place: SigningDomain,
  hosts: readonly PatchedHost[],
  repository: PackageRepository,
): PatchFleet {
  const { lab, controlPlane, operator } = place;
  return {
    place,
    hosts,
    repository,
    host: (name) => lab.host(name),
    async untilWaiting(sourceName, servers) {
      for (const { name } of hosts)
        await lab.host(name).must(["apt-get", "-q", "update"], { timeoutMs: 120_000 });
      await waitFor(
        `${sourceName} to wait on ${servers} servers`,
        async () => {
          const sql = "select distinct server_id from server_updates where source_name = $1";
          return (await query(controlPlane, sql, [sourceName])).length >= servers;
        },
        { timeoutMs: 300_000, intervalMs: 500 },
      );
    },
    async rollOut(sourceName, changed = {}) {
      const { rolloutId } = await startRollout(operator.ctx, {
        title: sourceName,
        choice: { kind: "sources", sourceNames: [sourceName] },
        settings: { ...patchSettings, ...changed },
      });
      return untilEnd(place, rolloutId, isAtRest);
    },
    async rollBack(rolloutId) {
      await rollBackRollout(operator.ctx, { rolloutId });
      return untilEnd(place, rolloutId, ({ state }) => state === "rolled-back");
    },
    async close() {
      await repository.close();
      await place.close();
      await lab.close();
    },
  };
}

/** Waits until a rollout is as expected. Throws with the whole of it when it does not come to that. */
export async function untilEnd(
  place: SigningDomain,
  rolloutId: string,
  isEnd: (end: RolloutEnd) => boolean,
): Promise<RolloutEnd> {
  await waitFor("the rollout to end", async () => isEnd(await endOf(place, rolloutId)), {
    timeoutMs: endsWithinMs,
    intervalMs: 500,
  }).catch(async (cause: unknown) => {
    throw new Error((await endOf(place, rolloutId)).story, { cause });
  });
  return endOf(place, rolloutId);
}

/** Halted, too, is at rest only when what was begun has come to its end. */
export function isAtRest({ state, members }: RolloutEnd): boolean {
  const isMoving = (member: { state: string }) =>
    member.state !== "waiting" && !settledStates.some((one) => one === member.state);
  return state !== "running" && ![...members.values()].some(isMoving);
}

interface MemberEnd {
  name: string;
  state: string;
  wave: number;
  problem: string | null;
}

async function endOf({ controlPlane }: SigningDomain, id: string): Promise<RolloutEnd> {
  const [rollout] = await query<{ state: RolloutState; haltedBecause: string | null }>(
    controlPlane,
    `select state, halted_because as "haltedBecause" from rollouts where id = $1`,
    [id],
  );
  if (rollout === undefined) throw new Error("The rollout is gone.");
  const rows = await query<MemberEnd>(
    controlPlane,
    `select s.name, m.state, m.wave, m.problem, m.waits_because, m.health_before, m.health_after from rollout_members m
       join servers s on s.id = m.server_id where m.rollout_id = $1 order by m.wave, m.position`,
    [id],
  );
  const events = await query(
    controlPlane,
    "select kind, sentence from rollout_events where rollout_id = $1 order by id",
    [id],
  );
  return {
    id,
    ...rollout,
    members: new Map(rows.map(({ name, ...member }) => [name, member])),
    story: JSON.stringify({ ...rollout, rows, events }, null, 1),
  };
}
