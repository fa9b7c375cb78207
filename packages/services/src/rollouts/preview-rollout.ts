import {
  type ConfigurationReason,
  defaultRolloutSettings,
  kindOf,
  type RolloutKind,
  type RolloutSettings,
  rolloutChoiceSchema,
  rolloutSettingsSchema,
  wayBackFrom,
} from "@mailstead/core/rollouts";
import { tagSchema, tagsPerServerMax } from "@mailstead/core/tags";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { readOfferedAgent } from "./offered-agent.ts";
import { type PlanFound, type ReadPlan, readPlan } from "./read-plan.ts";

const serversMax = 20_000;

export const rolloutInput = z.object({
  choice: rolloutChoiceSchema,
  tenantIds: z.array(z.uuid()).min(1).max(serversMax).optional(),
  serverIds: z.array(z.uuid()).min(1).max(serversMax).optional(),
  tags: z.array(tagSchema).min(1).max(tagsPerServerMax).optional(),
  exceptTags: z.array(tagSchema).min(1).max(tagsPerServerMax).optional(),
  settings: rolloutSettingsSchema.default(defaultRolloutSettings),
});

/** What a rollout would do, before anybody says yes. */
export interface RolloutPreview {
  readonly settings: RolloutSettings;
  readonly waves: readonly { servers: number; names: readonly string[]; online: number }[];
  readonly tenants: number;
  /** Which agents these servers run now, where agents are brought: on how many servers, the most first. */
  readonly agents: readonly { version: string; servers: number }[];
  /** Why configurations would change, on how many servers, the most first. */
  readonly configurations: readonly { because: ConfigurationReason; servers: number }[];
  /** What is brought: a version of a package on a number of servers, the most first. */
  readonly packages: readonly { name: string; version: string; servers: number }[];
  readonly packagesInAll: number;
  /** Versions from which no way leads back. */
  readonly withoutWayBack: readonly {
    name: string;
    from: string | null;
    version: string;
    reason: string;
    servers: number;
  }[];
  readonly leftOut: readonly { because: string; names: readonly string[]; servers: number }[];
  /** Servers of which never two are changed at once: what a person called them together, and how many domains' mail they all take. */
  readonly keptApart: readonly KeptApartServers[];
  readonly keptApartInAll: number;
}

interface KeptApartServers {
  readonly groupName: string | null;
  readonly domains: number;
  readonly servers: number;
  readonly names: readonly string[];
}

const namesMax = 12;
const packagesMax = 50;
const keptApartMax = 50;

/** Plans a rollout and starts nothing: the servers of each wave, what they would get, what cannot be taken back, who is left out. */
export async function previewRollout(
  ctx: ServiceContext,
  input: z.input<typeof rolloutInput>,
): Promise<RolloutPreview> {
  const { choice, settings, ...scope } = parseInput(rolloutInput, input);
  const agent = await readOfferedAgent(ctx, choice);
  return withTransaction(ctx, async (tx) => {
    const now = ctx.now();
    const read = await readPlan(tx, { scope, choice, agent, settings, now });
    return describePlan(read, { kind: kindOf(choice), settings });
  });
}

function describePlan(
  { plan, servers }: ReadPlan,
  { kind, settings }: { kind: RolloutKind; settings: RolloutSettings },
): RolloutPreview {
  const nameOf = (serverId: string) => servers.get(serverId)?.name ?? "";
  const waves = Array.from({ length: settings.waves.length + 1 }, (_, wave) => {
    const own = plan.members.filter((member) => member.wave === wave);
    return {
      servers: own.length,
      names: own.slice(0, namesMax).map(({ serverId }) => nameOf(serverId)),
      online: own.filter(({ serverId }) => servers.get(serverId)?.isOnline).length,
    };
  });
  const all = plan.members.flatMap(({ packages }) => packages);
  const packages = tally(all, ({ name, version }) => `${name} ${version}`).map(({ first, count }) => ({
    name: first.name,
    version: first.version,
    servers: count,
  }));
  const oneWay = all.flatMap((one) => {
    const way = wayBackFrom(kind, one);
    return way.kind === "none" ? { ...one, reason: way.reason } : [];
  });
  const keptApart = tellKeptApart({ plan, servers });
  return {
    settings,
    waves,
    keptApart: keptApart.slice(0, keptApartMax),
    keptApartInAll: keptApart.length,
    agents:
      kind === "agents"
        ? tally([...servers.values()], ({ agentVersion }) => agentVersion).map(({ first, count }) => ({
            version: first.agentVersion,
            servers: count,
          }))
        : [],
    configurations: tally(
      plan.members.flatMap(({ serverId }) => servers.get(serverId)?.changesSince ?? []),
      (because) => because,
    ).map(({ first, count }) => ({ because: first, servers: count })),
    tenants: new Set(plan.members.map(({ serverId }) => servers.get(serverId)?.tenantId)).size,
    packages: packages.slice(0, packagesMax),
    packagesInAll: packages.length,
    withoutWayBack: tally(oneWay, ({ name, from, version }) => `${name} ${from} ${version}`).map(
      ({ first: { name, from, version, reason }, count }) => ({
        name,
        from,
        version,
        reason,
        servers: count,
      }),
    ),
    leftOut: tally(plan.leftOut, ({ because }) => because).map(({ first, count, all: ones }) => ({
      because: first.because,
      servers: count,
      names: ones.slice(0, namesMax).map(({ serverId }) => nameOf(serverId)),
    })),
  };
}

/** Groups that a person made first, then by how much mail is at stake; the same servers once, however many domains they share. */
function tellKeptApart({ plan, servers }: ReadPlan): readonly KeptApartServers[] {
  const byKey = new Map<string, { groupName: string | null; ids: string[] }>();
  for (const { serverId } of plan.members) {
    for (const { key, groupName } of sharedBy(servers.get(serverId))) {
      const own = byKey.get(key) ?? { groupName, ids: [] };
      own.ids.push(serverId);
      byKey.set(key, own);
    }
  }
  const several = [...byKey.values()].filter(({ ids }) => ids.length > 1);
  return [...Map.groupBy(several, ({ ids }) => ids.join()).values()]
    .flatMap((all) => {
      const [first] = all;
      if (first === undefined) return [];
      const groupName = all.find((one) => one.groupName !== null)?.groupName ?? null;
      return {
        groupName,
        domains: all.filter((one) => one.groupName === null).length,
        servers: first.ids.length,
        names: first.ids.slice(0, namesMax).map((id) => servers.get(id)?.name ?? ""),
      };
    })
    .toSorted((a, b) => Number(a.groupName === null) - Number(b.groupName === null) || b.domains - a.domains);
}

function sharedBy(
  server: Pick<PlanFound, "keepApart" | "group"> | undefined,
): readonly { key: string; groupName: string | null }[] {
  if (server === undefined) return [];
  const domains = server.keepApart.map((key) => ({ key, groupName: null }));
  return server.group === null ? domains : [...domains, server.group];
}

/** The same things together, the most first. */
function tally<T>(
  things: readonly T[],
  keyOf: (thing: T) => string,
): { first: T; count: number; all: T[] }[] {
  return [...Map.groupBy(things, keyOf).values()]
    .flatMap((all) => (all[0] === undefined ? [] : { first: all[0], count: all.length, all }))
    .toSorted((a, b) => b.count - a.count);
}
