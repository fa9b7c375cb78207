import { defaultRolloutSettings } from "@mailstead/core/rollouts";
import type { Database } from "../database.ts";
import { newId } from "../new-id.ts";
import * as schema from "../schema/index.ts";

const at = new Date("2026-01-01T00:00:00Z");

/** A row in every table that holds changes that go over many servers, and when servers may be changed. */
export async function makeOneOfEachRollout(
  admin: Database,
  { organisationId, tenantId, serverId }: { organisationId: string; tenantId: string; serverId: string },
): Promise<void> {
  const rolloutId = newId();
  await admin.query.insert(schema.rollouts).values({
    id: rolloutId,
    organisationId,
    tenantId,
    kind: "packages",
    title: "Security updates",
    state: "running",
    settings: defaultRolloutSettings,
    choice: { kind: "security" },
    startedBy: "Ann",
    startedAt: at,
    catchUpUntil: at,
    lookAt: at,
  });
  await admin.query.insert(schema.rolloutMembers).values({
    rolloutId,
    serverId,
    organisationId,
    tenantId,
    wave: 0,
    position: 0,
    state: "waiting",
    stateSince: at,
    packages: [],
    isProven: true,
    hasWayBack: true,
  });
  await admin.query.insert(schema.rolloutEvents).values({
    id: newId(),
    rolloutId,
    organisationId,
    at,
    kind: "started",
    sentence: "Ann started it.",
    byName: "Ann",
  });
  await admin.query.insert(schema.maintenanceTimes).values({
    tenantId,
    organisationId,
    timeZone: "Europe/Oslo",
    windows: [{ weekdays: [7], fromMinute: 120, untilMinute: 300 }],
    changedBy: "Ann",
    changedAt: at,
  });
  await admin.query.insert(schema.patchPolicies).values({
    tenantId,
    organisationId,
    updates: "security",
    canaryDays: 3,
    changedBy: "Ann",
    changedAt: at,
  });
  await admin.query.insert(schema.freezes).values({
    id: newId(),
    organisationId,
    tenantId,
    fromDay: "2026-12-20",
    untilDay: "2027-01-03",
    reason: "Christmas trade",
    madeBy: "Ann",
  });
  await admin.query.insert(schema.rolloutExclusions).values({
    serverId,
    organisationId,
    tenantId,
    reason: "It is being moved.",
    madeBy: "Ann",
    madeAt: at,
  });
  await admin.query.insert(schema.standIns).values({
    serverId,
    organisationId,
    tenantId,
    groupName: "relays",
    namedBy: "Ann",
    namedAt: at,
  });
}
