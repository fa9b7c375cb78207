import type { ServiceContext } from "../context/index.ts";
import { addFreeze, setMaintenanceTimes, setPatchPolicy } from "../rollouts/index.ts";

/** One customer has a window and is updated by policy, and nothing is changed over the year's end. */
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
}
