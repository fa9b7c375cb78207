import type { Database } from "../database.ts";
import { newId } from "../new-id.ts";
import * as schema from "../schema/index.ts";

const at = new Date("2026-01-01T00:00:00Z");

/** A row in every table that holds what is done about a receiver, or by which way mail goes there. */
export async function makeOneOfEachMeasure(
  admin: Database,
  of: { organisationId: string; tenantId: string; serverId: string },
): Promise<void> {
  await admin.query.insert(schema.measures).values({
    ...of,
    id: newId(),
    kind: "prefer-ipv4",
    provider: "gmail",
    reason: "IPv6 has no PTR",
    startedBy: "Ann",
    startedAt: at,
    steppedAt: at,
    endsAt: at,
    lookAt: at,
  });
  await admin.query.insert(schema.warmUps).values({
    ...of,
    id: newId(),
    address: "192.0.2.1",
    tracks: [],
    startedBy: "Ann",
    startedAt: at,
    lookAt: at,
  });
  await admin.query.insert(schema.smarthostChanges).values({
    ...of,
    concerns: "senders",
    wanted: {},
    trials: [],
    requestedBy: "Ann",
    requestedAt: at,
  });
}
