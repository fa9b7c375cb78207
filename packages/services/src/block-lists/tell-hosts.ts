import type { TargetBlockLists } from "@mailstead/core/servers";
import { agents, blockListHosts, blockListSettings, servers } from "@mailstead/db";
import { and, eq, isNotNull, isNull, ne, or, sql } from "drizzle-orm";
import {
  type Database,
  type Installation,
  type ServiceContext,
  type SystemContext,
  seeToEach,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import type { SecretOpener } from "../secrets/index.ts";
import { changeTargetState, getServerForChange, sealForAgent } from "../servers/index.ts";
import { abusixKeyPurpose, spamhausKeyPurpose } from "./block-list-settings.ts";

// Each is a revision with its converge; a large fleet is told over several runs.
const serversPerRun = 50;

/**
 * Puts the organisations' settings into the target states of their servers: of those that were told older ones, that are
 * new, and whose agent is another one than the key was sealed for. Gives what failed.
 */
export async function tellHostsOfSettings(
  ctx: SystemContext,
  { app, installation, opener }: { app: Database; installation: Installation; opener: SecretOpener },
): Promise<{ organisationId: string; cause: unknown }[]> {
  const rows = await withSystemTransaction(ctx, (tx) =>
    tx.select({ organisationId: blockListSettings.organisationId }).from(blockListSettings),
  );
  const failed = await seeToEach(ctx, { rows, app, installation }, async (own) => {
    for (const serverId of await findUntold(own)) await tellHost(own, { serverId, opener });
    return undefined;
  });
  return failed.map(({ row: { organisationId }, cause }) => ({ organisationId, cause }));
}

function findUntold(ctx: ServiceContext): Promise<string[]> {
  return withTransaction(ctx, async (tx) => {
    const rows = await tx
      .select({ serverId: servers.id })
      .from(servers)
      .innerJoin(agents, eq(agents.serverId, servers.id))
      .innerJoin(blockListSettings, eq(blockListSettings.organisationId, servers.organisationId))
      .leftJoin(blockListHosts, eq(blockListHosts.serverId, servers.id))
      .where(
        or(
          isNull(blockListHosts.serverId),
          ne(blockListHosts.settingsVersion, blockListSettings.version),
          and(
            or(eq(blockListSettings.spamhaus, "key"), isNotNull(blockListSettings.abusixBox)),
            sql`${blockListHosts.sealedFor} is distinct from ${agents.sealingKey}`,
          ),
        ),
      )
      .orderBy(servers.id)
      .limit(serversPerRun);
    return rows.map(({ serverId }) => serverId);
  });
}

function tellHost(
  ctx: ServiceContext,
  { serverId, opener }: { serverId: string; opener: SecretOpener },
): Promise<void> {
  return withTransaction(ctx, async (tx) => {
    const server = await getServerForChange(tx, serverId);
    const { organisationId, tenantId } = server;
    const [settings] = await tx.select().from(blockListSettings);
    const [agent] = await tx
      .select({ sealingKey: agents.sealingKey })
      .from(agents)
      .where(eq(agents.serverId, serverId));
    if (settings === undefined || agent === undefined) return;
    const { spamhaus, box, abusixBox, version } = settings;
    const sealedFor = spamhaus === "key" || abusixBox !== null ? agent.sealingKey : null;
    const wanted: TargetBlockLists["spamhaus"] =
      spamhaus !== "key" || box === null || sealedFor === null
        ? { kind: spamhaus === "public" ? "public" : "none" }
        : {
            kind: "key",
            key: sealForAgent(opener.open(spamhausKeyPurpose(organisationId), box), sealedFor),
          };
    const abusix =
      abusixBox === null || sealedFor === null
        ? null
        : sealForAgent(opener.open(abusixKeyPurpose(organisationId), abusixBox), sealedFor);
    await changeTargetState(tx, ctx, {
      server,
      summary: "Block lists: how Spamhaus and Abusix are asked",
      change: (state) => ({ ...state, blockLists: { spamhaus: wanted, abusix } }),
    });
    const told = { settingsVersion: version, sealedFor };
    await tx
      .insert(blockListHosts)
      .values({ serverId, organisationId, tenantId, ...told })
      .onConflictDoUpdate({ target: blockListHosts.serverId, set: told });
  });
}
