import { createHash } from "node:crypto";
import {
  defaultStackSettings,
  defaultWebSettings,
  noDns,
  noOverrides,
  noSpamhaus,
  type TargetState,
  targetStateSchema,
} from "@mailstead/core/servers";
import type { Database } from "../database.ts";
import { newId } from "../new-id.ts";
import * as schema from "../schema/index.ts";

type Inserted<T extends { $inferInsert: unknown }> = Partial<T["$inferInsert"]>;

let made = 0;
const madeAt = new Date("2026-01-01T00:00:00Z");

/** A number that no other row of this process has, for names that must differ. */
function next(): number {
  made += 1;
  return made;
}

/** An organisation; like all factories it works as the admin, past row level security. */
export async function makeOrganisation(admin: Database, values: Inserted<typeof schema.organisations> = {}) {
  const row = { id: newId(), name: `Organisation ${next()}`, createdAt: madeAt, ...values };
  await admin.query.insert(schema.organisations).values(row);
  return row;
}

export async function makeTenant(
  admin: Database,
  values: Inserted<typeof schema.tenants> & { organisationId: string },
) {
  const row = { id: newId(), name: `Customer ${next()}`, createdAt: madeAt, ...values };
  await admin.query.insert(schema.tenants).values(row);
  return row;
}

/** A person with a role in the whole organisation; the password hash fits no password. */
export async function makeUser(
  admin: Database,
  {
    role = "owner",
    ...values
  }: Inserted<typeof schema.users> & { organisationId: string; role?: schema.MembershipRole },
) {
  const number = next();
  const row = {
    id: newId(),
    email: `person${number}@msp.example`,
    name: `Person ${number}`,
    passwordHash: "$argon2id$none",
    createdAt: madeAt,
    ...values,
  };
  await admin.query.insert(schema.users).values(row);
  await admin.query.insert(schema.memberships).values({
    id: newId(),
    organisationId: row.organisationId,
    userId: row.id,
    role,
    createdAt: madeAt,
  });
  return row;
}

/** A server with its first target state, waiting for its agent. */
export async function makeServer(
  admin: Database,
  values: Inserted<typeof schema.servers> & { organisationId: string; tenantId: string },
) {
  const number = next();
  const row = {
    id: newId(),
    name: `mail${number}`,
    hostname: `mail${number}.msp.example`,
    targetRevision: 1,
    createdAt: madeAt,
    ...values,
  };
  await admin.query.insert(schema.servers).values(row);
  const document = JSON.stringify(
    targetStateSchema.parse({
      formatVersion: 1,
      serverId: row.id,
      revision: 1,
      hostname: row.hostname,
      stack: defaultStackSettings,
      domains: [],
      destroyedKeys: [],
      feedbackSenderId: undefined,
      relays: [],
      destinationRelays: [],
      measures: [],
      tlsExceptions: [],
      web: defaultWebSettings,
      driftPolicy: "revert",
      overrides: noOverrides,
      certificates: [],
      dns: noDns,
      blockLists: noSpamhaus,
    } satisfies Record<keyof TargetState, unknown>),
  );
  await admin.query.insert(schema.targetStates).values({
    serverId: row.id,
    revision: 1,
    organisationId: row.organisationId,
    tenantId: row.tenantId,
    document,
    digest: createHash("sha256").update(document).digest("hex"),
    authorName: "factory",
    summary: "Server added",
    createdAt: madeAt,
  });
  return row;
}

/** The agent of a server; marks the server as enrolled. Keys are of the right form and open nothing. */
export async function makeAgent(
  admin: Database,
  values: Inserted<typeof schema.agents> & { organisationId: string; tenantId: string; serverId: string },
) {
  // Not the number over and over: after enough of them that is zero, with which nothing can be sealed (RFC 7748 §6.1).
  const key = createHash("sha256").update(`agent ${next()}`).digest("base64");
  const row = {
    id: newId(),
    publicKey: key,
    sealingKey: key,
    machineId: createHash("md5").update(newId()).digest("hex"),
    hostname: "mail.msp.example",
    agentVersion: "0.1.0",
    protocolVersion: 1,
    enrolledAt: madeAt,
    ...values,
  };
  await admin.query.insert(schema.agents).values(row);
  await admin.pool.query("update servers set enrolment_state = 'enrolled' where id = $1", [row.serverId]);
  return row;
}

/** A gateway whose heartbeat is `heartbeatAt`, now when not given. */
export async function makeGateway(admin: Database, values: Inserted<typeof schema.gateways> = {}) {
  const now = new Date();
  const row = { id: newId(), name: `gateway ${next()}`, startedAt: now, heartbeatAt: now, ...values };
  await admin.query.insert(schema.gateways).values(row);
  return row;
}

/** A domain, hosted by `serverId` when given. */
export async function makeDomain(
  admin: Database,
  {
    serverId,
    ...values
  }: Inserted<typeof schema.domains> & { organisationId: string; tenantId: string; serverId?: string },
) {
  const row = { id: newId(), name: `domain${next()}.example`, createdAt: madeAt, ...values };
  await admin.query.insert(schema.domains).values(row);
  if (serverId !== undefined)
    await admin.query.insert(schema.domainServers).values({
      domainId: row.id,
      serverId,
      organisationId: row.organisationId,
      tenantId: row.tenantId,
      role: "home",
      createdAt: madeAt,
    });
  return row;
}

/** A certificate of a server's own name with its key, neither made nor issued yet. */
export async function makeCertificate(
  admin: Database,
  values: Inserted<typeof schema.certificates> & {
    organisationId: string;
    tenantId: string;
    serverId: string;
  },
) {
  const row = {
    id: newId(),
    challenge: "http-01" as const,
    names: [`mail${next()}.msp.example`],
    keyId: newId(),
    nextAttemptAt: madeAt,
    createdAt: madeAt,
    ...values,
  };
  await admin.query.insert(schema.certificates).values(row);
  const { organisationId, tenantId, serverId, names } = row;
  await admin.query.insert(schema.certificateKeys).values({
    id: row.keyId,
    organisationId,
    tenantId,
    serverId,
    certificateId: row.id,
    names,
    createdAt: madeAt,
  });
  return row;
}

export async function makeMailbox(
  admin: Database,
  values: Inserted<typeof schema.mailboxes> & { organisationId: string; tenantId: string; domainId: string },
) {
  const row = {
    id: newId(),
    localPart: `person${next()}`,
    passwordHash: "{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaA",
    quotaBytes: 0,
    createdAt: madeAt,
    ...values,
  };
  await admin.query.insert(schema.mailboxes).values(row);
  return row;
}

/** A queued job that takes the next sequence of its server, waiting to be signed. */
export async function makeJob(
  admin: Database,
  values: Inserted<typeof schema.jobs> & { organisationId: string; tenantId: string; serverId: string },
) {
  const { rows } = await admin.pool.query<{ sequence: string }>(
    "update servers set next_job_sequence = next_job_sequence + 1 where id = $1 returning next_job_sequence - 1 as sequence",
    [values.serverId],
  );
  const now = new Date();
  const row = {
    id: newId(),
    sequence: Number(rows[0]?.sequence),
    lane: "change" as const,
    verb: "restart-service" as const,
    args: { service: "postfix" },
    requestedBy: "factory",
    createdAt: now,
    deadlineAt: new Date(now.getTime() + 3_600_000),
    ...values,
  };
  await admin.query.insert(schema.jobs).values(row);
  return row;
}
