import { type PromotionPlan, planPromotion, type ZoneHost } from "@mailstead/core/zones";
import { servers, type Transaction, zoneServers, zones } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { getServerForChange, sealTransferSecret } from "../servers/index.ts";
import type { ZoneCheckReport } from "./check-zone.ts";
import { renewZone } from "./renew-zone.ts";
import { takeFromServer, type ZoneWritten } from "./write-zone.ts";
import {
  findZone,
  getZoneForChange,
  readServedAddresses,
  readZoneServers,
  type ZoneRow,
} from "./zone-rows.ts";

const previewInput = z.object({
  zoneId: z.uuid(),
  /** Who follows the new primary; the old primary itself, when it may come back. */
  followerId: z.uuid(),
});

/** What promoting a zone's secondary would change, and what is left to do by hand. Writes nothing. Throws `not-found`. */
export async function previewPromotion(
  ctx: ServiceContext,
  input: z.input<typeof previewInput>,
): Promise<PromotionPlan> {
  const { zoneId, followerId } = parseInput(previewInput, input);
  return withTransaction(ctx, async (tx) => plan(tx, { zone: await findZone(tx, zoneId), followerId }));
}

const promoteInput = previewInput.extend({
  /** The zone's name once more, because the keys of the old primary are given up. */
  confirmedName: z.string(),
  /** A DS record stands above the zone or may stand there, and whoever validates may get no answer for a while. */
  isOutageAccepted: z.boolean().default(false),
});

/**
 * Has a zone's secondary take the place of the primary, which is lost, and another server follow it. The new primary
 * signs with keys of its own. Throws `precondition-failed` without the confirmed name, while a DS record leads to the
 * lost keys and nobody has accepted that, and for a server that is not installed; `invalid` for another customer's.
 */
export async function promoteSecondary(
  ctx: ServiceContext,
  input: z.input<typeof promoteInput>,
): Promise<ZoneWritten> {
  requireRole(ctx, "admin");
  const { zoneId, followerId, confirmedName, isOutageAccepted } = parseInput(promoteInput, input);
  return withTransaction(ctx, async (tx) => {
    const zone = await getZoneForChange(tx, zoneId);
    const before = await readZoneServers(tx, zoneId);
    const planned = await plan(tx, { zone, followerId });
    if (confirmedName !== zone.name)
      throw new ServiceError(
        "precondition-failed",
        `Type ${zone.name} to confirm: the keys of its present primary are given up.`,
        { field: "confirmedName" },
      );
    if (planned.signers !== "none" && !isOutageAccepted)
      throw new ServiceError("precondition-failed", planned.steps[0] ?? "A DS record stands above the zone.");
    // In the order in which every use case locks servers.
    const touched = new Set([...before.map(({ serverId }) => serverId), followerId]);
    for (const id of [...touched].sort()) await getServerForChange(tx, id);
    const isNew = before.every(({ serverId }) => serverId !== followerId);
    const sealed = isNew
      ? await sealTransferSecret(tx, ctx, {
          zoneId,
          keeper: { id: followerId, name: planned.secondary.serverName },
        })
      : null;
    const summary = `Zone ${zone.name}: ${planned.primary.serverName} takes the primary's place`;
    const gone = before.find(({ serverId }) => serverId !== planned.primary.serverId);
    if (isNew && gone !== undefined)
      await takeFromServer(tx, ctx, { zone, serverId: gone.serverId, summary });
    const kept = await tx
      .delete(zoneServers)
      .where(eq(zoneServers.zoneId, zoneId))
      .returning({ serverId: zoneServers.serverId, sealedFor: zoneServers.sealedFor });
    const sealedForOf = (id: string) => kept.find(({ serverId }) => serverId === id)?.sealedFor;
    const { organisationId, tenantId } = zone;
    await tx.insert(zoneServers).values(
      (["primary", "secondary"] as const).map((role) => {
        const { serverId, nameServer } = planned[role];
        return {
          zoneId,
          serverId,
          organisationId,
          tenantId,
          role,
          nameServer,
          sealedFor: sealedForOf(serverId) ?? sealed?.sealedFor ?? "",
          createdAt: ctx.now(),
        };
      }),
    );
    // The new primary tells its own keys; until then no DS record is right.
    const [renewed] = await tx
      .update(zones)
      .set({ signers: null, publicKeys: null, keysReportedAt: null, writtenDigest: null })
      .where(eq(zones.id, zoneId))
      .returning();
    const written = await renewZone(tx, ctx, {
      zone: renewed ?? zone,
      summary,
      secrets: new Map(sealed === null ? [] : [[followerId, sealed.secret]]),
      serialAbove: highestSerial(zone),
    });
    const nameServers = (list: readonly { nameServer: string }[]) => list.map(({ nameServer }) => nameServer);
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "promote-zone-secondary",
      subject: { kind: "zone", id: zoneId, name: zone.name },
      before: { primary: gone?.serverName ?? null, nameServers: nameServers(before), signers: zone.signers },
      after: {
        primary: planned.primary.serverName,
        secondary: planned.secondary.serverName,
        nameServers: nameServers([planned.primary, planned.secondary]),
        isOutageAccepted,
      },
    });
    return written;
  });
}

async function plan(
  tx: Transaction,
  { zone, followerId }: { zone: ZoneRow; followerId: string },
): Promise<PromotionPlan> {
  const [primary, secondary] = (await readZoneServers(tx, zone.id)).sort((a, b) =>
    a.role < b.role ? -1 : 1,
  );
  if (primary === undefined || secondary === undefined) throw new Error(`zone ${zone.id} has no two servers`);
  if (followerId === secondary.serverId)
    throw new ServiceError(
      "invalid",
      `${secondary.serverName} becomes the primary; another server follows it.`,
      {
        field: "followerId",
      },
    );
  const report = zone.checkReport as ZoneCheckReport | null;
  return planPromotion({
    zone: zone.name,
    primary: { ...primary, hostname: (await findHost(tx, primary.serverId)).hostname },
    secondary: { ...secondary, hostname: (await findHost(tx, secondary.serverId)).hostname },
    follower: await findFollower(tx, { zone, followerId, isKnown: followerId === primary.serverId }),
    seen: report?.kind === "checked" ? report.seen : null,
  });
}

async function findHost(tx: Transaction, serverId: string) {
  const [host] = await tx
    .select({
      hostname: servers.hostname,
      name: servers.name,
      tenantId: servers.tenantId,
      installRequestedAt: servers.installRequestedAt,
    })
    .from(servers)
    .where(eq(servers.id, serverId));
  if (host === undefined)
    throw new ServiceError("not-found", "There is no such server.", { field: "followerId" });
  return host;
}

async function findFollower(
  tx: Transaction,
  { zone, followerId, isKnown }: { zone: ZoneRow; followerId: string; isKnown: boolean },
): Promise<Omit<ZoneHost, "nameServer">> {
  const { hostname, name, tenantId, installRequestedAt } = await findHost(tx, followerId);
  if (tenantId !== zone.tenantId)
    throw new ServiceError("invalid", `${name} belongs to another customer.`, { field: "followerId" });
  if (!isKnown && installRequestedAt === null)
    throw new ServiceError("precondition-failed", `${name} is not installed yet; install it first.`, {
      field: "followerId",
    });
  const addresses = await readServedAddresses(tx, followerId);
  return { serverId: followerId, serverName: name, hostname, addresses };
}

/** The highest version that the world was seen to hold; resolvers and the secondary take only what is newer. */
function highestSerial({ checkReport }: ZoneRow): number {
  const report = checkReport as ZoneCheckReport | null;
  const serials = report?.kind === "checked" ? report.seen.servers.map(({ serial }) => serial ?? 0) : [];
  return Math.max(0, ...serials);
}
