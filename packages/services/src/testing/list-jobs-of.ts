import { jobs } from "@mailstead/db";
import { asc, eq } from "drizzle-orm";
import type { ServiceTest } from "./service-test.ts";

/** Every job of a server as the admin sees it, in order. */
export function listJobsOf(t: ServiceTest, serverId: string) {
  return t.database.admin.query
    .select()
    .from(jobs)
    .where(eq(jobs.serverId, serverId))
    .orderBy(asc(jobs.sequence));
}
