import { domainToUnicode } from "node:url";
import { dkimRotations, domains, tenants } from "@mailstead/db";
import { and, asc, eq, isNotNull, ne } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";

/** A rotation that waits for something that a person should look at. */
export interface RotationAlarm {
  domainId: string;
  unicodeName: string;
  tenantName: string;
  sentence: string;
}

const alarmsMax = 50;

/** The rotations with an alarm, the oldest first; no more than a page shows. */
export function listRotationAlarms(ctx: ServiceContext): Promise<RotationAlarm[]> {
  return withTransaction(ctx, async (tx) => {
    const rows = await tx
      .select({
        domainId: domains.id,
        name: domains.name,
        tenantName: tenants.name,
        alarm: dkimRotations.alarm,
      })
      .from(dkimRotations)
      .innerJoin(domains, eq(domains.id, dkimRotations.domainId))
      .innerJoin(tenants, eq(tenants.id, domains.tenantId))
      .where(and(isNotNull(dkimRotations.alarm), ne(dkimRotations.step, "done")))
      .orderBy(asc(dkimRotations.alarmSince))
      .limit(alarmsMax);
    return rows.map(({ domainId, name, tenantName, alarm }) => ({
      domainId,
      unicodeName: domainToUnicode(name),
      tenantName,
      sentence: alarm ?? "",
    }));
  });
}
