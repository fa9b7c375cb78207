import { zones } from "@mailstead/db";
import { sql } from "drizzle-orm";
import {
  type Database,
  type Installation,
  type SystemContext,
  seeToEach,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import { renewZone } from "./renew-zone.ts";
import { getZoneForChange } from "./zone-rows.ts";

const zonesPerRun = 100;

export interface ZoneRun {
  changed: string[];
  failed: { zoneId: string; cause: unknown }[];
}

/**
 * Brings the zones that have waited longest in step with their domains and servers: a key that a host has made, an
 * address that has changed, a domain that came or went. A zone that is right already gets no new revision.
 */
export async function renewWaitingZones(
  ctx: SystemContext,
  { app, installation }: { app: Database; installation: Installation },
): Promise<ZoneRun> {
  const waiting = await withSystemTransaction(ctx, (tx) =>
    tx
      .select({ zoneId: zones.id, organisationId: zones.organisationId })
      .from(zones)
      .orderBy(sql`${zones.plannedAt} nulls first`)
      .limit(zonesPerRun),
  );
  const run: ZoneRun = { changed: [], failed: [] };
  const failed = await seeToEach(ctx, { rows: waiting, app, installation }, async (own, { zoneId }) => {
    const { isChanged } = await withTransaction(own, async (tx) => {
      const zone = await getZoneForChange(tx, zoneId);
      return renewZone(tx, own, {
        zone,
        summary: `${zone.name}: records of its domains brought in step`,
        isSkippedUnchanged: true,
      });
    });
    if (isChanged) run.changed.push(zoneId);
    return undefined;
  });
  run.failed.push(...failed.map(({ row: { zoneId }, cause }) => ({ zoneId, cause })));
  return run;
}
