import type { Database } from "../database.ts";
import * as schema from "../schema/index.ts";

const at = new Date("2026-01-01T00:00:00Z");

/** One row of each table that keeps sums of what was counted of a server. */
export async function makeOneOfEachSum(
  admin: Database,
  of: { readonly organisationId: string; readonly tenantId: string; readonly serverId: string },
): Promise<void> {
  const { serverId: _server, ...scope } = of;
  await admin.query.insert(schema.latencySums).values({
    ...of,
    period: "day",
    startsAt: at,
    provider: "gmail",
    delivered: 1,
    latencies: { "20": 1 },
  });
  await admin.query
    .insert(schema.summedDays)
    .values({ ...of, kind: "deliveries", startsAt: at, isWhole: true });
  await admin.query.insert(schema.serverDays).values({
    ...of,
    startsAt: at,
    sendingAddress: "192.0.2.1",
    provider: "gmail",
    status: "sent",
    category: "",
    attempts: 1,
    firstAttempts: 1,
    overTls: 1,
    sizeBytes: 1,
  });
  await admin.query.insert(schema.serverVerdictDays).values({
    ...of,
    startsAt: at,
    direction: "inbound",
    action: "accepted",
    messages: 1,
    facts: {},
    scores: {},
    symbols: {},
  });
  await admin.query.insert(schema.fleetDays).values({
    ...scope,
    provider: "gmail",
    day: "2026-01-01",
    messages: 1,
    delivered: 1,
    deferred: 0,
    refused: 0,
    slowed: 0,
    blocked: 0,
    senders: 1,
    heldSenders: 0,
  });
  await admin.query
    .insert(schema.keptAnswers)
    .values({ ...scope, question: "senders", span: "week", keptAt: at, answer: {} });
}
