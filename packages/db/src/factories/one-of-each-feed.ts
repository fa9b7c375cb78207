import type { Database } from "../database.ts";
import { newId } from "../new-id.ts";
import * as schema from "../schema/index.ts";

const at = new Date("2026-01-01T00:00:00Z");

/** A row in every table that holds what providers tell, and how they are asked. */
export async function makeOneOfEachFeed(
  admin: Database,
  {
    domain,
    domainId,
    ...scope
  }: { organisationId: string; tenantId: string; domainId: string; domain: string },
): Promise<void> {
  const { organisationId } = scope;
  const feed = { ...scope, connectionId: newId() };
  await admin.query.insert(schema.feedConnections).values({
    ...scope,
    id: feed.connectionId,
    kind: "google-postmaster",
    label: feed.connectionId,
    account: "feeds@msp.example",
    box: "box",
    createdAt: at,
  });
  await admin.query.insert(schema.feedDomains).values({ ...feed, domainId, state: "verified", lookedAt: at });
  await admin.query.insert(schema.feedDays).values({
    ...feed,
    subject: domain,
    day: "2026-01-01",
    domainId,
    figures: { kind: "yahoo", complaints: 1 },
    toldAt: at,
  });
  await admin.query
    .insert(schema.googleApps)
    .values({ organisationId, clientId: "1.apps.googleusercontent.com", box: "box", changedAt: at });
  await admin.query.insert(schema.googleConsents).values({
    ...feed,
    id: newId(),
    userId: newId(),
    stateHash: newId(),
    box: "box",
    clientId: "1.apps.googleusercontent.com",
    redirectUri: "https://control.example/settings/google",
    label: "Google",
    verifiesDomains: true,
    codeBox: "box",
    expiresAt: at,
  });
}
