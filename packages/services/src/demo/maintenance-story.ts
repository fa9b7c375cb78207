import { servers } from "@mailstead/db";
import { and, asc, eq, isNotNull } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";
import { addFreeze, setMaintenanceTimes, setPatchPolicy, setStandIns } from "../rollouts/index.ts";

/** One customer has a window, is updated by policy and has two servers that stand in for each other, and nothing is changed over the year's end. */
export async function tellMaintenance(
  person: ServiceContext,
  { tenantId, today }: { tenantId: string; today: Date },
): Promise<void> {
  await setMaintenanceTimes(person, {
    tenantId,
    timeZone: "Europe/Vienna",
    windows: [
      { weekdays: [2, 4], fromMinute: 22 * 60, untilMinute: 2 * 60 },
      { weekdays: [7], fromMinute: 3 * 60, untilMinute: 6 * 60 },
    ],
  });
  await setPatchPolicy(person, { tenantId, policy: { updates: "security", canaryDays: 2 } });
  const year = today.getUTCFullYear();
  await addFreeze(person, {
    fromDay: `${year}-12-23`,
    untilDay: `${year + 1}-01-02`,
    reason: "Holidays: nobody is on duty",
  });
  const pair = await withTransaction(person, (tx) =>
    tx
      .select({ serverId: servers.id })
      .from(servers)
      .where(and(eq(servers.tenantId, tenantId), isNotNull(servers.installRequestedAt)))
      .orderBy(asc(servers.name))
      .limit(2),
  );
  for (const { serverId } of pair) await setStandIns(person, { serverId, groupName: "relays" });
}
