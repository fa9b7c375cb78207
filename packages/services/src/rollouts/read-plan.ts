import {
  type Brought,
  type ConfigurationReason,
  configurationReason,
  kindOf,
  type PlannedConfiguration,
  type PlannedUpdate,
  type PlanServer,
  planAgent,
  planConfiguration,
  planRollout,
  type RolloutChoice,
  type RolloutPlan,
  type RolloutSettings,
} from "@mailstead/core/rollouts";
import type { Suite } from "@mailstead/core/servers";
import {
  rolloutExclusions,
  serverInventories,
  servers,
  serverTags,
  serverUpdates,
  type Transaction,
  targetStates,
  tenants,
} from "@mailstead/db";
import { and, eq, gt, inArray, isNotNull, isNull, or, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { ServiceError } from "../context/index.ts";
import { awayStandInOf, readAwayStandIns, readKeepApart, readStandInGroups } from "./keep-apart.ts";
import type { OfferedAgent } from "./offered-agent.ts";

/** Which servers a rollout is about; without a limit, all that the person may see. */
export interface RolloutScope {
  readonly tenantIds?: readonly string[] | undefined;
  readonly serverIds?: readonly string[] | undefined;
  /** Those that bear any of these. */
  readonly tags?: readonly string[] | undefined;
  /** Those that bear one of these are left out, and told with the reason. */
  readonly exceptTags?: readonly string[] | undefined;
}

export interface ReadPlan {
  readonly plan: RolloutPlan;
  readonly servers: ReadonlyMap<string, PlanFound>;
}

interface ReadServer extends Bringing {
  readonly architecture: "x64" | "arm64";
  readonly pendingFiles: number | null;
  readonly hasDrift: boolean;
}

export interface PlanFound extends PlanServer {
  readonly name: string;
  /** What it says that its agent is. */
  readonly agentVersion: string;
  /** Null where the rollout brings no configurations. */
  readonly configuration: PlannedConfiguration | null;
  /** Why that would change something there. */
  readonly changesSince: ConfigurationReason | null;
  readonly tenantId: string;
  readonly tenantName: string;
  /** The keys that it shares with others that take the same mail. */
  readonly keepApart: readonly string[];
  /** Its group of stand-ins, which may become another while the rollout runs. */
  readonly group: { readonly key: string; readonly groupName: string } | null;
}

/** A server before it is known what stands in for it. */
type Bringing = Omit<PlanFound, "isStandInAway" | "keepApart" | "group">;

/** Plans by what hosts have told: a server that was never installed by us, or has told of no updates, has nothing to get. */
export async function readPlan(
  tx: Transaction,
  {
    scope,
    choice,
    agent,
    onlySecurity = false,
    settings,
    now,
  }: {
    scope: RolloutScope;
    choice: RolloutChoice;
    /** Null where the rollout brings no agents. */
    agent: OfferedAgent | null;
    /** Of what was chosen, only what security asks for. */
    onlySecurity?: boolean;
    settings: RolloutSettings;
    now: Date;
  },
): Promise<ReadPlan> {
  const read = await readServers(tx, { scope, choice, onlySecurity, now });
  const found = await withStandIns(
    tx,
    agent !== null
      ? await bringAgent(read, agent)
      : choice.kind === "configurations"
        ? bringConfiguration(read, choice)
        : read,
  );
  return {
    plan: planRollout({ seed: seedOf({ scope, choice, now }), servers: found, choice }, settings),
    servers: new Map(found.map((server) => [server.id, server])),
  };
}

async function withStandIns(tx: Transaction, read: readonly Bringing[]): Promise<readonly PlanFound[]> {
  const keepApart = await readKeepApart(
    tx,
    read.map(({ id }) => id),
  );
  const groups = await readStandInGroups(tx);
  const servers = read.map((server) => ({
    ...server,
    keepApart: keepApart.get(server.id) ?? [],
    group: groups.get(server.id) ?? null,
  }));
  const keysOf = ({ keepApart: keys, group }: (typeof servers)[number]) =>
    group === null ? keys : [...keys, group.key];
  const away = await readAwayStandIns(tx, servers.flatMap(keysOf));
  return servers.map((server) => ({
    ...server,
    isStandInAway: awayStandInOf({ serverId: server.id, keepApart: keysOf(server) }, away) !== null,
  }));
}

async function bringAgent(
  servers: readonly ReadServer[],
  { release, numberOf }: OfferedAgent,
): Promise<readonly Bringing[]> {
  const numbers = new Map<string, number | null>();
  for (const { agentVersion } of servers)
    if (!numbers.has(agentVersion)) numbers.set(agentVersion, await numberOf(agentVersion));
  return servers.map((server) => {
    const { agentVersion: version, architecture } = server;
    const brings: Brought = planAgent(
      { version, architecture, number: numbers.get(version) ?? null },
      release,
    );
    return { ...server, brings };
  });
}

function bringConfiguration(
  servers: readonly ReadServer[],
  choice: { revertsDrift: boolean },
): readonly Bringing[] {
  return servers.map((server) => {
    const { configuration } = server;
    if (configuration === null) return server;
    const asked = { ...server, ...configuration };
    const brings = planConfiguration(asked, choice);
    return brings === null ? server : { ...server, brings, changesSince: configurationReason(asked, choice) };
  });
}

/** The same for whoever looks and whoever starts on one day, so that the servers that were shown are those that go first. */
function seedOf({ scope, choice, now }: { scope: RolloutScope; choice: RolloutChoice; now: Date }): string {
  return JSON.stringify([
    choice,
    scope.tenantIds ?? null,
    scope.serverIds ?? null,
    ...(scope.tags === undefined ? [] : [scope.tags]),
    now.toISOString().slice(0, 10),
  ]);
}

async function readServers(
  tx: Transaction,
  {
    scope,
    choice,
    onlySecurity,
    now,
  }: { scope: RolloutScope; choice: RolloutChoice; onlySecurity: boolean; now: Date },
): Promise<readonly ReadServer[]> {
  const isMeant = (of: { tenantId: PgColumn; serverId: PgColumn }) =>
    and(
      scope.tenantIds === undefined ? undefined : inArray(of.tenantId, [...scope.tenantIds]),
      scope.serverIds === undefined ? undefined : inArray(of.serverId, [...scope.serverIds]),
      scope.tags === undefined
        ? undefined
        : sql`exists (select from ${serverTags} where ${serverTags.serverId} = ${of.serverId}
            and ${serverTags.tag} = any(${sql.param([...scope.tags])}::text[]))`,
    );
  const isOfPackages = kindOf(choice) === "packages";
  const isOfConfigurations = choice.kind === "configurations";
  const waiting = tx
    .select({
      serverId: serverUpdates.serverId,
      updates: sql<PlannedUpdate[]>`jsonb_agg(jsonb_build_object('name', ${serverUpdates.name},
        'architecture', ${serverUpdates.architecture}, 'from', ${serverUpdates.fromVersion}, 'to', ${serverUpdates.toVersion},
        'origin', ${serverUpdates.origin}, 'sourceName', ${serverUpdates.sourceName},
        'isSecurity', ${serverUpdates.isSecurity}))`.as("updates"),
    })
    .from(serverUpdates)
    .where(
      and(
        choice.kind === "security" || onlySecurity ? eq(serverUpdates.isSecurity, true) : undefined,
        choice.kind === "sources" ? inArray(serverUpdates.sourceName, [...choice.sourceNames]) : undefined,
        isOfPackages ? isMeant(serverUpdates) : sql`false`,
      ),
    )
    .groupBy(serverUpdates.serverId)
    .as("waiting");
  const rows = await tx
    .select({
      id: servers.id,
      name: servers.name,
      tenantId: servers.tenantId,
      tenantName: tenants.name,
      suite: sql<Suite | null>`${servers.facts} ->> 'suite'`,
      agentVersion: sql<string>`${servers.facts} ->> 'agentVersion'`,
      // A report is long, and read only by whom it concerns.
      pendingFiles: isOfConfigurations
        ? sql<number | null>`case when jsonb_typeof(${servers.observed} -> 'pendingPaths') = 'array'
            then jsonb_array_length(${servers.observed} -> 'pendingPaths') end`
        : sql<null>`null`,
      hasDrift: servers.hasDrift,
      targetRevision: servers.targetRevision,
      targetDigest: targetStates.digest,
      appliedRevision: servers.appliedRevision,
      architecture: sql<ReadServer["architecture"]>`${servers.facts} ->> 'architecture'`,
      isOnline: sql<boolean>`${servers.gatewayId} is not null and ${servers.enrolmentState} = 'enrolled'`,
      isPreferredCanary: servers.goesFirst,
      reason: rolloutExclusions.reason,
      exceptTag: sql<string | null>`(select min(${serverTags.tag}) from ${serverTags}
        where ${serverTags.serverId} = ${servers.id}
          and ${serverTags.tag} = any(${sql.param([...(scope.exceptTags ?? [])])}::text[]))`,
      updates: sql<PlannedUpdate[]>`coalesce(${waiting.updates}, '[]')`,
      startsAnewFor: sql<string | null>`case when ${serverInventories.isRestartDue} then
        coalesce(${serverInventories.newestKernel}, ${serverInventories.rebootPackages} ->> 0, 'what was updated') end`,
    })
    .from(servers)
    .leftJoin(waiting, eq(waiting.serverId, servers.id))
    .leftJoin(serverInventories, eq(serverInventories.serverId, servers.id))
    .leftJoin(
      targetStates,
      and(
        isOfConfigurations ? eq(targetStates.serverId, servers.id) : sql`false`,
        eq(targetStates.revision, servers.targetRevision),
      ),
    )
    .innerJoin(tenants, eq(tenants.id, servers.tenantId))
    .leftJoin(
      rolloutExclusions,
      and(
        eq(rolloutExclusions.serverId, servers.id),
        or(isNull(rolloutExclusions.endsAt), gt(rolloutExclusions.endsAt, now)),
      ),
    )
    .where(
      and(
        isNotNull(servers.factsAt),
        isOfPackages
          ? isNotNull(waiting.serverId)
          : isMeant({ tenantId: servers.tenantId, serverId: servers.id }),
        isOfConfigurations ? isNotNull(servers.installRequestedAt) : undefined,
        choice.kind === "reboots" ? eq(serverInventories.isRestartDue, true) : undefined,
      ),
    );
  return rows.flatMap(
    ({ suite, reason, exceptTag, targetRevision, targetDigest, appliedRevision, ...server }) =>
      suite === null
        ? []
        : {
            ...server,
            suite,
            exclusion: exclusionOf({ reason, exceptTag }),
            configuration: targetDigest === null ? null : { targetRevision, targetDigest, appliedRevision },
            changesSince: null,
          },
  );
}

function exclusionOf({
  reason,
  exceptTag,
}: {
  reason: string | null;
  exceptTag: string | null;
}): string | null {
  if (reason !== null) return `It is left out of rollouts: ${reason}`;
  return exceptTag === null ? null : `It has the tag ${exceptTag}, which this rollout leaves out.`;
}

/** Throws where a plan would touch nobody, with what keeps it from doing so. */
export function requireMembers({ plan }: ReadPlan): void {
  if (plan.members.length > 0) return;
  const [first] = plan.leftOut;
  throw new ServiceError(
    "precondition-failed",
    first === undefined
      ? "None of these servers has told that such a thing waits. They tell again when that changes."
      : `No server is left to be changed. ${first.because}`,
  );
}
