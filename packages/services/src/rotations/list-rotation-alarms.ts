import { domainToUnicode } from "node:url";
import { dkimRotations, domains, tenants } from "@mailstead/db";
import { and, asc, eq, isNotNull, ne } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";
import { readKeyFindings } from "./key-findings.ts";

/** A rotation that waits for something that a person should look at, or keys that could not be replaced or published. */
export interface RotationAlarm {
  domainId: string;
  unicodeName: string;
  tenantName: string;
  sentence: string;
}

const alarmsMax = 50;

/** What a person should know of keys, the oldest first: rotations with an alarm and findings; no more than a page shows. */
export function listRotationAlarms(ctx: ServiceContext): Promise<RotationAlarm[]> {
  return withTransaction(ctx, async (tx) => {
    const rows = await tx
      .select({
        domainId: domains.id,
        name: domains.name,
        tenantName: tenants.name,
        sentence: dkimRotations.alarm,
        at: dkimRotations.alarmSince,
      })
      .from(dkimRotations)
      .innerJoin(domains, eq(domains.id, dkimRotations.domainId))
      .innerJoin(tenants, eq(tenants.id, domains.tenantId))
      .where(and(isNotNull(dkimRotations.alarm), ne(dkimRotations.step, "done")))
      .orderBy(asc(dkimRotations.alarmSince))
      .limit(alarmsMax);
    const told = [...rows, ...(await readKeyFindings(tx))].toSorted(
      (left, right) => (left.at?.getTime() ?? 0) - (right.at?.getTime() ?? 0),
    );
    return told.slice(0, alarmsMax).map(({ domainId, name, tenantName, sentence }) => ({
      domainId,
      unicodeName: domainToUnicode(name),
      tenantName,
      sentence: sentence ?? "",
    }));
  });
}
