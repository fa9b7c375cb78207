import type { Database } from "../database.ts";
import * as schema from "../schema/index.ts";

const at = new Date("2026-01-01T00:00:00Z");

/** A row in every table that holds what software a server has and what waits for it. */
export async function makeOneOfEachUpdate(
  admin: Database,
  of: { organisationId: string; tenantId: string; serverId: string },
): Promise<void> {
  const named = { ...of, name: "libssl3", architecture: "amd64", sourceName: "openssl" };
  await admin.query
    .insert(schema.serverPackages)
    .values({ ...named, version: "3.0.20-1", sourceVersion: "3.0.20-1", isLead: true });
  await admin.query.insert(schema.serverUpdates).values({
    ...named,
    fromVersion: "3.0.20-1",
    toVersion: "3.0.22-1",
    origin: "Debian-Security:12/oldstable-security",
    isSecurity: true,
    urgency: "high",
    cves: ["CVE-2026-84782"],
    isLead: true,
  });
  await admin.query.insert(schema.serverInventories).values({
    ...of,
    runningKernel: "6.1.0-50-amd64",
    newestKernel: "6.1.0-57-amd64",
    isRebootRequired: false,
    rebootPackages: [],
    outdatedUnits: [],
    isRestartDue: true,
    agentVersion: "1.0.0",
    changelogs: "read",
    areUpdatesKnown: true,
    untoldPackages: 0,
    toldAt: at,
  });
  const source = { suite: "bookworm", sourceName: "openssl", sourceVersion: "3.0.20-1" };
  const { organisationId, tenantId } = of;
  await admin.query
    .insert(schema.openSources)
    .values({ organisationId, tenantId, ...source, toVersion: "3.0.22-1", servers: 1 })
    .onConflictDoNothing();
  await admin.query
    .insert(schema.securityLists)
    .values({ suite: "bookworm", nextTryAt: at })
    .onConflictDoNothing();
  await admin.query
    .insert(schema.judgedSources)
    .values({ ...source, digest: "0" })
    .onConflictDoNothing();
  await admin.query
    .insert(schema.sourceIssues)
    .values({ ...source, cve: "CVE-2026-84782", isFixed: true })
    .onConflictDoNothing();
}
