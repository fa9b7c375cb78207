import {
  defaultRolloutSettings,
  type RolloutSettings,
  type RolloutState,
  settledStates,
} from "@mailstead/core/rollouts";
import { startRollout } from "@mailstead/services/rollouts";
import { domainName, openSigningDomain, type SigningDomain } from "../dkim/signing-domain.ts";
import type { LabHost } from "../lab/host.ts";
import type { Suite } from "../lab/image-recipes.ts";
import { type Lab, openLab } from "../lab/lab.ts";
import { PackageRepository } from "../lab/package-repository.ts";
import { waitFor } from "../lab/wait-for.ts";
import { query } from "../scene/database.ts";

/** Two of each suite, so that each has a canary and somebody who must not see what breaks there. */
export const patchedHosts = [
  { name: "mail1", suite: "bookworm" },
  { name: "mail2", suite: "trixie" },
  { name: "mail3", suite: "bookworm" },
  { name: "mail4", suite: "trixie" },
] as const satisfies readonly { name: string; suite: Suite }[];

/** A canary of each version, then all, without a wait between them. */
export const patchSettings: RolloutSettings = {
  ...defaultRolloutSettings,
  canary: { serversMin: 1, bakeTimeMs: 0, needsApproval: false },
  waves: [{ share: 1, bakeTimeMs: 0, needsApproval: false }],
};

/** Real hosts that serve mail, a real control plane, and a signed repository whose packages they take for Debian's newer ones. */
export interface PatchFleet {
  readonly place: SigningDomain;
  readonly repository: PackageRepository;
  host(name: string): LabHost;
  /** Has every host ask the repository, and waits until the control plane knows that this source waits on so many of them. */
  untilWaiting(sourceName: string, servers: number): Promise<void>;
  /** Starts a rollout of one source, and waits until it is over or halted. */
  rollOut(sourceName: string, changed?: Partial<RolloutSettings>): Promise<RolloutEnd>;
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

export async function openPatchFleet(log: (line: string) => void): Promise<PatchFleet> {
  const lab = await openLab({
    hosts: patchedHosts.map((host) => ({ ...host, image: "stack" })),
    zones: [domainName],
    receivers: false,
    log,
  });
  try {
    const place = await openSigningDomain(lab, { hosts: patchedHosts, negativeTtlS: 5, log });
    const repository = await PackageRepository.open(lab);
    for (const { name } of patchedHosts) await repository.addTo(lab.host(name));
    return fleetOf(lab, place, repository);
  } catch (cause) {
    await lab.close();
    throw cause;
  }
}

function fleetOf(lab: Lab, place: SigningDomain, repository: PackageRepository): PatchFleet {
  const { controlPlane, operator } = place;
  return {
    place,
    repository,
    host: (name) => lab.host(name),
    async untilWaiting(sourceName, servers) {
      for (const { name } of patchedHosts)
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
      return await untilAtRest(place, rolloutId);
    },
    async close() {
      await repository.close();
      await place.close();
      await lab.close();
    },
  };
}

/** Waits until a rollout is over or halted, and until what was begun has come to its end. */
export async function untilAtRest(place: SigningDomain, rolloutId: string): Promise<RolloutEnd> {
  await waitFor("the rollout to end", async () => isAtRest(await endOf(place, rolloutId)), {
    timeoutMs: endsWithinMs,
    intervalMs: 500,
  }).catch(async (cause: unknown) => {
    throw new Error((await endOf(place, rolloutId)).story, { cause });
  });
  return endOf(place, rolloutId);
}

/** Halted, too, is at rest only when what was begun has come to its end. */
function isAtRest({ state, members }: RolloutEnd): boolean {
  const isMoving = (member: { state: string }) =>
    member.state !== "waiting" && !settledStates.some((one) => one === member.state);
  const isGoing = state === "running" || state === "rolling-back";
  return !isGoing && ![...members.values()].some(isMoving);
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
