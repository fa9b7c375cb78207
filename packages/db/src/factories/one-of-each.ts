import { defaultRotationTiming } from "@mailstead/core/dkim";
import { eq } from "drizzle-orm";
import type { Database } from "../database.ts";
import { newId } from "../new-id.ts";
import * as schema from "../schema/index.ts";
import {
  makeAgent,
  makeCertificate,
  makeDomain,
  makeGateway,
  makeJob,
  makeMailbox,
  makeServer,
  makeTenant,
  makeUser,
} from "./index.ts";
import { makeOneOfEachFeed } from "./one-of-each-feed.ts";
import { makeOneOfEachMeasure } from "./one-of-each-measure.ts";
import { makeOneOfEachReport } from "./one-of-each-report.ts";
import { makeOneOfEachRollout } from "./one-of-each-rollout.ts";
import { makeOneOfEachSum } from "./one-of-each-sum.ts";
import { makeOneOfEachTag } from "./one-of-each-tag.ts";
import { makeOneOfEachUpdate } from "./one-of-each-update.ts";

const at = new Date("2026-01-01T00:00:00Z");

/** A row in every table for one customer of an organisation, so that a test can try to reach each of them. */
export async function makeOneOfEach(admin: Database, organisationId: string): Promise<{ tenantId: string }> {
  const tenant = await makeTenant(admin, { organisationId });
  const scope = { organisationId, tenantId: tenant.id };
  const user = await makeUser(admin, { organisationId });
  await admin.query
    .update(schema.memberships)
    .set({ tenantId: tenant.id })
    .where(eq(schema.memberships.userId, user.id));
  const server = await makeServer(admin, scope);
  await makeAgent(admin, { ...scope, serverId: server.id });
  await makeGateway(admin);
  const domain = await makeDomain(admin, { ...scope, serverId: server.id });
  await makeMailbox(admin, { ...scope, domainId: domain.id });
  const job = await makeJob(admin, { ...scope, serverId: server.id });
  const serverRow = { ...scope, serverId: server.id, createdAt: at };
  const domainRow = { ...scope, domainId: domain.id, createdAt: at };

  await admin.query.insert(schema.sessions).values({
    id: newId(),
    organisationId,
    userId: user.id,
    sessionVersion: 1,
    createdAt: at,
    lastUsedAt: at,
    expiresAt: at,
    ipAddress: "192.0.2.1",
    userAgent: "test",
  });
  await admin.query
    .insert(schema.ownerLinks)
    .values({ id: newId(), organisationId, tokenHash: newId(), createdAt: at, expiresAt: at });
  await admin.query
    .insert(schema.signInAttempts)
    .values({ organisationId, subject: newId(), attemptedAt: at });
  await admin.query.insert(schema.auditEntries).values({
    ...scope,
    id: newId(),
    actorKind: "user",
    actorName: "Ann",
    action: "test",
    subjectKind: "server",
    subjectName: "mail",
    requestId: "test",
    at,
  });
  await admin.query
    .insert(schema.enrolmentTokens)
    .values({ ...serverRow, id: newId(), tokenHash: newId(), expiresAt: at });
  await admin.query.insert(schema.relaySecrets).values({ ...serverRow, sendersOf: "*", box: "box" });
  await admin.query
    .insert(schema.dkimKeys)
    .values({ ...domainRow, id: newId(), serverId: server.id, selector: "ms202601a", algorithm: "ed25519" });
  const rotationId = newId();
  await admin.query.insert(schema.dkimRotations).values({
    ...scope,
    id: rotationId,
    domainId: domain.id,
    kind: "by-hand",
    step: "generating",
    stepSince: at,
    startedAt: at,
    startedBy: "Ann",
    cacheWaitMs: 0,
    timing: defaultRotationTiming,
    progress: {},
    waitsFor: "test",
    lookAgainAt: at,
  });
  await admin.query.insert(schema.dkimRotationEvents).values({
    ...scope,
    rotationId,
    number: 1,
    at,
    step: "generating",
    kind: "started",
    actorName: "Ann",
    sentence: "test",
  });
  const certificate = await makeCertificate(admin, { ...scope, serverId: server.id });
  await admin.query.insert(schema.acmeOrders).values({
    ...scope,
    id: newId(),
    certificateId: certificate.id,
    keyId: certificate.keyId,
    directoryUrl: "https://ca.example/directory",
    url: "https://ca.example/order/1",
    createdAt: at,
  });
  await admin.query
    .insert(schema.acmeSettings)
    .values({ organisationId, directoryUrl: "https://ca.example/directory", contact: "ops@msp.example" })
    .onConflictDoNothing();
  await admin.query.insert(schema.issuedCertificates).values({
    ...scope,
    id: newId(),
    serverId: server.id,
    certificateId: certificate.id,
    title: server.hostname,
    serverName: server.name,
    chainVersion: "1",
    pem: "pem",
    serial: "01",
    names: certificate.names,
    issuer: "Test CA",
    notBefore: at,
    notAfter: at,
    issuedAt: at,
  });
  await admin.query.insert(schema.certificateLooks).values({
    ...scope,
    domainId: domain.id,
    serverId: server.id,
    lookedAt: at,
    nextLookAt: at,
    sentence: "No name leads here.",
  });
  await admin.query.insert(schema.acmeAccounts).values({
    id: newId(),
    organisationId,
    directoryUrl: `https://ca.example/${newId()}`,
    url: "https://ca.example/account/1",
    keyBox: "box",
    thumbprint: "thumbprint",
    contact: "ops@msp.example",
    createdAt: at,
  });
  await admin.query
    .insert(schema.dnsChecks)
    .values({ ...scope, id: newId(), domainId: domain.id, checkedAt: at, report: {} });
  await admin.query.insert(schema.workerSealingKeys).values({ publicKey: newId(), storedAt: at });
  await admin.query
    .insert(schema.dkimSelectorsUsed)
    .values({ domainName: domain.name, selector: "ms202601a" });
  await admin.query.insert(schema.leftDkimKeys).values({
    ...serverRow,
    domainName: "left.example",
    selector: "ms202601a",
    destroyFrom: at,
  });
  await admin.query.insert(schema.timeKept).values({ workerAt: at, databaseAt: at }).onConflictDoNothing();
  await admin.query.insert(schema.dnsZoneWriters).values({ zone: domain.name, writer: newId(), until: at });
  await admin.query.insert(schema.dnsConnections).values({
    ...scope,
    id: newId(),
    provider: "powerdns",
    label: "PowerDNS",
    box: "box",
    testRequestedAt: at,
    createdAt: at,
  });
  await admin.query.insert(schema.dnsPublishedRecords).values({
    ...scope,
    id: newId(),
    domainId: domain.id,
    zone: domain.name,
    name: domain.name,
    type: "TXT",
    value: "v=spf1 mx -all",
    publishedAt: at,
  });
  await admin.query.insert(schema.dnsWithdrawals).values({
    ...domainRow,
    id: newId(),
    domainName: domain.name,
    nextAttemptAt: at,
    requestedBy: "Ann",
    createdAt: at,
  });
  await admin.query.insert(schema.dnsPublications).values({ ...domainRow, id: newId(), requestedBy: "Ann" });
  await admin.query.insert(schema.hostConditions).values({
    ...scope,
    serverId: server.id,
    key: "disk-full",
    level: "attention",
    state: "rising",
    since: at,
  });
  await admin.query
    .insert(schema.serverChecks)
    .values({ ...scope, id: newId(), serverId: server.id, checkedAt: at, report: {} });
  await admin.query.insert(schema.checkFindings).values({
    ...scope,
    id: newId(),
    domainId: domain.id,
    key: "lame",
    severity: "warning",
    sentence: "One is lame.",
    openedAt: at,
  });
  const channelId = newId();
  await admin.query.insert(schema.alertChannels).values({
    ...scope,
    id: channelId,
    name: channelId,
    kind: "mail",
    target: "noc@msp.example",
    leastSeverity: "error",
    createdAt: at,
  });
  await admin.query.insert(schema.toldFindings).values({
    ...scope,
    channelId,
    subject: server.id,
    key: "lame",
    severity: "error",
    sentence: "One is lame.",
    subjectName: server.name,
    toldAt: at,
  });
  const alertId = newId();
  await admin.query.insert(schema.alerts).values({
    ...scope,
    id: alertId,
    channelId,
    body: { type: "test", organisation: "test", at: at.toISOString(), events: [], total: 0 },
    createdAt: at,
    dueAt: at,
  });
  await admin.query
    .insert(schema.alertAttempts)
    .values({ ...scope, alertId, number: 1, at, outcome: "sent", tookMs: 1 });
  await admin.query.insert(schema.outgoingMails).values({
    ...scope,
    id: newId(),
    userId: user.id,
    recipient: "ann@msp.example",
    subject: "test",
    body: "test",
    createdAt: at,
  });
  await admin.query
    .insert(schema.aliases)
    .values({ ...domainRow, id: newId(), localPart: "info", destinations: ["ann@elsewhere.example"] });
  const zone = { ...scope, zoneId: newId() };
  await admin.query
    .insert(schema.zones)
    .values({ ...scope, id: zone.zoneId, name: `${zone.zoneId}.example`, createdAt: at });
  await admin.query.insert(schema.zoneServers).values({
    ...zone,
    serverId: server.id,
    role: "primary",
    nameServer: "ns1.example",
    sealedFor: "key",
    createdAt: at,
  });
  await admin.query.insert(schema.zoneSecrets).values({ ...zone, box: "box" });
  await admin.query.insert(schema.zoneRecords).values({
    ...zone,
    id: newId(),
    domainId: domain.id,
    purpose: "spf",
    name: "example.org",
    type: "TXT",
    ttlSeconds: 3600,
    value: "v=spf1 -all",
    createdAt: at,
  });
  await admin.query.insert(schema.directoryChanges).values({
    ...serverRow,
    epoch: 1,
    revision: 1,
    op: "delete",
    entryKind: "domain",
    key: domain.name,
    chain: "",
  });
  await admin.query
    .insert(schema.telemetryStreams)
    .values({ ...scope, serverId: server.id, stream: "delivery", epoch: newId(), sequence: 1, storedAt: at });
  for (const table of [schema.deliveryMinutes, schema.deliveryHours, schema.deliveryDays])
    await admin.query.insert(table).values({
      ...scope,
      serverId: server.id,
      // Partitions are there for what is counted now.
      startsAt: new Date(Math.floor(Date.now() / 86_400_000) * 86_400_000),
      direction: "outbound",
      domain: domain.name,
      sendingAddress: "",
      provider: "gmail",
      status: "sent",
      category: "",
      attempts: 1,
      firstAttempts: 1,
      overTls: 1,
      sizeBytes: 1,
      latencies: {},
    });
  await admin.query.insert(schema.deliveryPending).values({ ...scope, serverId: server.id, hours: [] });
  await admin.query.insert(schema.stalledRollUps).values({ ...scope, serverId: server.id, since: at });
  const listed = { ...scope, serverId: server.id, list: "zen", subject: "203.0.113.9", codes: ["127.0.0.2"] };
  await admin.query
    .insert(schema.blockListSettings)
    .values({ organisationId, spamhaus: "none", version: 1, changedAt: at })
    .onConflictDoNothing();
  await admin.query.insert(schema.blockListHosts).values({ ...scope, serverId: server.id });
  await admin.query
    .insert(schema.blockListEntries)
    .values({ ...listed, state: "listed", since: at, askedAt: at });
  await admin.query
    .insert(schema.blockListChanges)
    .values({ ...listed, id: newId(), change: "listed", changedAt: at });
  await admin.query
    .insert(schema.accountAlerts)
    .values({ ...scope, serverId: server.id, address: "ann@a.example", signs: [], toldAt: at });
  for (const table of [schema.verdictHours, schema.verdictDays])
    await admin.query.insert(table).values({
      ...scope,
      serverId: server.id,
      startsAt: at,
      direction: "inbound",
      domain: domain.name,
      provider: "gmail",
      action: "accepted",
      messages: 1,
      facts: {},
      scores: {},
      symbols: {},
    });
  await admin.query.insert(schema.replySamples).values({
    ...scope,
    id: newId(),
    serverId: server.id,
    saidAt: at,
    domain: domain.name,
    provider: "gmail",
    category: "rate-limit",
    reply: "421 slow down",
  });
  await makeOneOfEachMeasure(admin, { ...scope, serverId: server.id });
  await makeOneOfEachRollout(admin, { ...scope, serverId: server.id });
  await makeOneOfEachTag(admin, { ...scope, serverId: server.id, userId: user.id });
  await makeOneOfEachUpdate(admin, { ...scope, serverId: server.id });
  await makeOneOfEachReport(admin, {
    ...scope,
    serverId: server.id,
    domainId: domain.id,
    domain: domain.name,
  });
  await makeOneOfEachFeed(admin, { ...scope, domainId: domain.id, domain: domain.name });
  await admin.query.insert(schema.reputationDays).values({
    ...scope,
    serverId: server.id,
    address: "192.0.2.1",
    provider: "gmail",
    day: "2026-01-01",
    reputation: "HIGH",
    since: at,
    evidence: [],
    messages: 1,
    delivered: 1,
    deferred: 0,
    refused: 0,
    slowed: 0,
    blocked: 0,
    judgedMessages: 1,
    judgedTroubled: 0,
  });
  await makeOneOfEachSum(admin, { ...scope, serverId: server.id });
  await admin.query
    .insert(schema.jobEvents)
    .values({ ...scope, jobId: job.id, number: 1, at, body: { kind: "log", level: "info", text: "hello" } });
  await admin.query.insert(schema.outbox).values({ ...scope, kind: "job", subjectId: job.id, createdAt: at });
  return { tenantId: tenant.id };
}
