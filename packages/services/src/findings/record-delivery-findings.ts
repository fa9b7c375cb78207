import { findingOfSight, judgeSight } from "@mailstead/core/findings";
import { domains, servers, type Transaction, targetStates, telemetryStreams } from "@mailstead/db";
import { and, eq, inArray, sql } from "drizzle-orm";
import { recordFindings } from "../checks/index.ts";
import {
  type Database,
  type Installation,
  type ServiceContext,
  type SystemContext,
  seeToEach,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import { findFallen, readLowServers } from "./find-fallen.ts";
import { type GroupedSight, groupSights, isOfSmarthost, type SightOwner } from "./group-sights.ts";
import { type OpenDelivery, readOpenDelivery } from "./open-delivery.ts";
import { readReply } from "./read-reply.ts";
import { readSights } from "./read-sights.ts";
import { recordFleetFindings } from "./record-fleet-findings.ts";

/**
 * Judges what receivers answer to each server and domain, and keeps what is wrong among the findings: opened once it
 * lasted or is certain, closed after deliveries. What struck many servers at once becomes one finding of the organisation.
 * Idempotent, and safe beside itself. Gives the organisations in which it failed.
 */
export async function recordDeliveryFindings(
  ctx: SystemContext,
  { app, installation }: { app: Database; installation: Installation },
): Promise<{ organisationId: string; cause: unknown }[]> {
  const rows = await withSystemTransaction(ctx, (tx) =>
    tx
      .selectDistinct({ organisationId: telemetryStreams.organisationId })
      .from(telemetryStreams)
      .where(eq(telemetryStreams.stream, "delivery")),
  );
  const failed = await seeToEach(ctx, { rows, app, installation }, async (own) => {
    await recordOrganisation(own);
    return undefined;
  });
  return failed.map(({ row: { organisationId }, cause }) => ({ organisationId, cause }));
}

async function recordOrganisation(ctx: ServiceContext): Promise<void> {
  const ground = await withTransaction(ctx, (tx) => readGround(tx, ctx.now()));
  const all = [
    ...[...ground.open.filter(({ isOpen }) => isOpen), ...ground.grouped].map(({ owner }) => owner),
    ...ground.low,
  ];
  for (const owner of new Map(all.map((one) => [one.id, one])).values())
    await withTransaction(ctx, (tx) => recordOwner(tx, ctx, { owner, ground }));
  await withTransaction(ctx, (tx) => recordFleetFindings(tx, ctx));
}

interface Ground {
  readonly open: readonly OpenDelivery[];
  readonly grouped: readonly GroupedSight[];
  /** Servers with a low reputation somewhere, which complaints or a list may have brought alone. */
  readonly low: readonly SightOwner[];
}

async function readGround(tx: Transaction, now: Date): Promise<Ground> {
  const known = await readOwners(tx);
  const open = await readOpenDelivery(tx, { now, ...known });
  const rows = await readSights(tx, {
    now,
    open: open.filter(({ isOpen }) => isOpen).map(({ pair }) => pair),
  });
  const conditions = open.flatMap(({ isOpen, subject, owner }) =>
    isOpen && subject !== null ? [{ ...subject, owner }] : [],
  );
  const low = (await readLowServers(tx)).flatMap((id) => known.servers.get(id) ?? []);
  const signingIn = await readSigningIn(
    tx,
    rows.filter(({ provider, category }) => provider === null && isOfSmarthost(category)),
  );
  return { open, grouped: groupSights(rows, { ...known, signingIn, open: conditions }), low };
}

/** Of these servers, those that show a smarthost a name. Target states are long, so few are opened. */
async function readSigningIn(
  tx: Transaction,
  rows: readonly { serverId: string }[],
): Promise<ReadonlySet<string>> {
  const ids = [...new Set(rows.map(({ serverId }) => serverId))];
  if (ids.length === 0) return new Set();
  const found = await tx
    .select({ id: servers.id })
    .from(servers)
    .innerJoin(
      targetStates,
      and(eq(targetStates.serverId, servers.id), eq(targetStates.revision, servers.targetRevision)),
    )
    .where(
      and(
        inArray(servers.id, ids),
        sql`jsonb_path_exists(${targetStates.document}::jsonb, '$.*[*].smarthost.username')`,
      ),
    );
  return new Set(found.map(({ id }) => id));
}

/** What is open is read anew behind the lock of the owner's row, so that of two workers one sees what the other has kept. */
async function recordOwner(
  tx: Transaction,
  ctx: ServiceContext,
  { owner, ground }: { owner: SightOwner; ground: Ground },
): Promise<void> {
  const at = ctx.now();
  const table = owner.kind === "server" ? servers : domains;
  const [row] = await tx.select({ id: table.id }).from(table).where(eq(table.id, owner.id)).for("update");
  if (row === undefined) return;
  const open = await readOpenDelivery(tx, { now: at, ...onlyOf(owner) });
  const grouped = ground.grouped.filter((one) => one.owner.id === owner.id);
  const found = [];
  for (const sight of grouped) {
    const known = open.find(({ key }) => key === sight.key);
    const verdict = judgeSight(
      sight.category,
      { buckets: sight.buckets, held: known?.held ?? null, closedAt: known?.closedAt?.getTime() ?? null },
      at.getTime(),
    );
    if (verdict.kind !== "open") continue;
    const reply = await readReply(tx, sight);
    const words = { sender: owner.name, reply, mostlyOf: sight.mostlyOf };
    found.push({ key: sight.key, ...findingOfSight(sight, verdict.sight, words) });
  }
  const fallen =
    owner.kind === "server"
      ? await findFallen(tx, { owner, open, found, now: at })
      : { found: [], unsettled: [] };
  // What another worker opened from counts that came after this look is left to it.
  const looked = new Set([...grouped, ...ground.open].map(({ key }) => key));
  await recordFindings(
    tx,
    {
      organisationId: ctx.organisationId,
      tenantId: owner.tenantId,
      ...(owner.kind === "server" ? { serverId: owner.id } : { domainId: owner.id }),
    },
    {
      found: [...found, ...fallen.found],
      unseen: (key) =>
        fallen.unsettled.includes(key) || (!looked.has(key) && !fallen.found.some((one) => one.key === key)),
      at,
      by: "delivery",
    },
  );
}

function onlyOf(owner: SightOwner): Owners {
  const [servers, domains] = [new Map<string, SightOwner>(), new Map<string, SightOwner>()];
  if (owner.kind === "server") servers.set(owner.id, owner);
  else domains.set(owner.name, owner);
  return { servers, domains };
}

interface Owners {
  readonly servers: ReadonlyMap<string, SightOwner>;
  readonly domains: ReadonlyMap<string, SightOwner>;
}

async function readOwners(tx: Transaction): Promise<Owners> {
  const ofServers = await tx
    .select({ id: servers.id, name: servers.name, tenantId: servers.tenantId })
    .from(servers);
  const ofDomains = await tx
    .select({ id: domains.id, name: domains.name, tenantId: domains.tenantId })
    .from(domains);
  return {
    servers: new Map(ofServers.map((row) => [row.id, { ...row, kind: "server" as const }])),
    domains: new Map(ofDomains.map((row) => [row.name, { ...row, kind: "domain" as const }])),
  };
}
