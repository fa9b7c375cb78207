import type { Database } from "../database.ts";
import { newId } from "../new-id.ts";
import * as schema from "../schema/index.ts";

const at = new Date("2026-01-01T00:00:00Z");

/** A row in every table that holds what receivers report. */
export async function makeOneOfEachReport(
  admin: Database,
  {
    serverId,
    domainId,
    domain,
    ...scope
  }: { organisationId: string; tenantId: string; serverId: string; domainId: string; domain: string },
): Promise<void> {
  const report = {
    ...scope,
    id: newId(),
    serverId,
    kind: "dmarc" as const,
    domain,
    policyDomain: domain,
    reporter: "google.com",
    reportId: "1",
    part: 0,
    beginsAt: at,
    endsAt: at,
    storedAt: at,
    total: 1,
    passed: 1,
    dkimAligned: 1,
    spfAligned: 1,
  };
  await admin.query.insert(schema.receivedReports).values(report);
  const ofReport = { ...scope, reportId: report.id, domain, endsAt: at };
  await admin.query.insert(schema.dmarcRows).values({
    ...ofReport,
    id: newId(),
    messages: 1,
    disposition: "none",
    isDkimAligned: true,
    isSpfAligned: true,
    dkim: [],
    reasons: [],
  });
  await admin.query
    .insert(schema.tlsFailures)
    .values({ ...ofReport, id: newId(), type: "certificate-expired", sessions: 1 });
  await admin.query.insert(schema.feedbackReports).values({
    ...scope,
    id: newId(),
    serverId,
    kind: "complaint",
    domain,
    type: "abuse",
    reporter: "yahoo.com",
    provider: "yahoo",
    reportedAt: at,
    incidents: 1,
    results: {},
  });
  await admin.query.insert(schema.reportTroubles).values({
    ...scope,
    serverId,
    day: "2026-01-01",
    kind: "other",
    why: "a bounce",
    mails: 1,
    lastAt: at,
  });
  await admin.query.insert(schema.settledSources).values({
    ...scope,
    domainId,
    source: "203.0.113.9",
    failedPerDay: 9,
    wasGuarded: false,
    settledBy: "Ann",
    settledAt: at,
  });
}
