import type { Database } from "../database.ts";
import { newId } from "../new-id.ts";
import * as schema from "../schema/index.ts";

/** A row in every table by which people find their way through a list of servers. */
export async function makeOneOfEachTag(
  admin: Database,
  {
    serverId,
    userId,
    ...scope
  }: { organisationId: string; tenantId: string; serverId: string; userId: string },
): Promise<void> {
  await admin.query.insert(schema.serverTags).values({ ...scope, serverId, tag: "canary" });
  const filterId = newId();
  await admin.query.insert(schema.savedFilters).values({
    ...scope,
    id: filterId,
    userId,
    list: "servers",
    name: "Canaries",
    query: "tag=canary",
    madeBy: "Ann",
    madeAt: new Date("2026-01-01T00:00:00Z"),
  });
  await admin.query.insert(schema.defaultFilters).values({ ...scope, userId, list: "servers", filterId });
}
