import type { TargetZone } from "@mailstead/core/servers";
import { judgeDelegation, planDelegation } from "@mailstead/core/zones";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { enqueueJob } from "../jobs/index.ts";
import type { ZoneCheckReport } from "./check-zone.ts";
import { getZoneForChange, readZoneServers, type ZoneRow, type ZoneServerRow } from "./zone-rows.ts";

const rollInput = z.object({ zoneId: z.uuid() });

/**
 * Has the primary begin to roll the key that the zone's DS record leads to. About a day later the zone page shows the new
 * DS record; the old key goes by itself once the world shows that. Throws `precondition-failed` while a key is being
 * rolled, and while no DS record leads to the present key: there is nothing to take the place of.
 */
export async function rollZoneKey(
  ctx: ServiceContext,
  input: z.input<typeof rollInput>,
): Promise<{ jobId: string }> {
  requireRole(ctx, "admin");
  const { zoneId } = parseInput(rollInput, input);
  return withTransaction(ctx, async (tx) => {
    const zone = await getZoneForChange(tx, zoneId);
    const servers = await readZoneServers(tx, zoneId);
    const primary = servers.find(({ role }) => role === "primary");
    if (primary === undefined) throw new Error(`zone ${zoneId} has no primary`);
    if ((zone.publicKeys ?? []).length > 1)
      throw new ServiceError(
        "precondition-failed",
        `The key of ${zone.name} is being rolled already; the page of the zone shows what is left to do.`,
      );
    if (!isVouchedFor(zone, servers))
      throw new ServiceError(
        "precondition-failed",
        `No DS record above ${zone.name} is known to lead to its present key. Set that first and check the zone; then the key can be rolled.`,
      );
    const { jobId } = await enqueueJob(tx, ctx, {
      serverId: primary.serverId,
      verb: "roll-zone-key",
      args: { zone: zone.name as TargetZone["name"] },
    });
    const { organisationId, tenantId, name } = zone;
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "roll-zone-key",
      subject: { kind: "zone", id: zoneId, name },
      before: { signers: zone.signers },
      after: { jobId },
    });
    return { jobId };
  });
}

function isVouchedFor(zone: ZoneRow, servers: readonly ZoneServerRow[]): boolean {
  const report = zone.checkReport as ZoneCheckReport | null;
  if (report?.kind !== "checked") return false;
  const wanted = planDelegation({
    zone: zone.name,
    nameServers: servers.map(({ nameServer, addresses }) => ({ name: nameServer, addresses })),
    signers: zone.signers ?? [],
  });
  return judgeDelegation(zone.name, wanted, report.seen).some(
    ({ kind, state }) => kind === "signers" && state === "done",
  );
}
