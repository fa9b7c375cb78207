import { domains, gateways, memberships, newId, organisations, servers, users, zones } from "@mailstead/db";
import { sql } from "drizzle-orm";
import { createFirstOwner, createOwnerLink, hashPassword } from "../access/index.ts";
import type { Database, Installation, ServiceContext, SystemContext } from "../context/index.ts";
import { withSystemTransaction, withTransaction } from "../context/index.ts";
import { rollUpDeliveries } from "../delivery/index.ts";
import { recordDeliveryFindings } from "../findings/index.ts";
import { judgeOrganisation } from "../reputation/index.ts";
import { createTenant } from "../tenants/index.ts";
import { tellCertificates } from "./certificate-story.ts";
import { makeChance } from "./chance.ts";
import { tellFeeds } from "./feed-story.ts";
import { demoCustomers, demoOrganisation } from "./fleet.ts";
import { tellHelpers } from "./helper-story.ts";
import { tellMaintenance } from "./maintenance-story.ts";
import { never } from "./never.ts";
import { tellRollouts } from "./rollout-story.ts";
import { leaveKeysAlone } from "./rotation-story.ts";
import { tellTags } from "./tag-story.ts";
import { type DemoStage, tellServer } from "./tell-server.ts";
import { tellZone } from "./zone-story.ts";

const dayMs = 86_400_000;
const storyDays = 90;
/** Who signs in to look at the demo fleet. */
export const demoAccount = { email: "demo@fjordmail.example", password: "demo-fjord-mail" };

/** Whether the demo account is there to sign in with. */
export async function hasDemoAccount(app: Database): Promise<boolean> {
  const { rows } = await app.query.execute(sql`select 1 from find_credentials(${demoAccount.email})`);
  return rows.length > 0;
}

/**
 * Fills an empty database with a believable fleet: three customers, twelve servers in every state that a screen can
 * show, and ninety days of what was done. Returns the account to sign in with, or null when there is an organisation.
 */
export async function seedDemo(wanted: {
  app: Database;
  system: Database;
  installation: Installation;
  now: Date;
}): Promise<{ email: string; password: string } | null> {
  const clock = { now: new Date(wanted.now.getTime() - storyDays * dayMs) };
  const base = { now: () => clock.now, requestId: "demo", installation: wanted.installation };
  const system: SystemContext & { installation: Installation } = {
    ...base,
    database: wanted.system,
    actor: { kind: "system", name: "worker" },
  };
  const link = await createOwnerLink(system);
  if (link === null) return null;
  const owner = await createFirstOwner(
    { ...base, database: wanted.app },
    { token: link.token, organisationName: demoOrganisation, name: "Mara Lindqvist", ...demoAccount },
  );
  const as = (userId: string, name: string): ServiceContext => ({
    ...base,
    database: wanted.app,
    organisationId: owner.organisationId,
    tenantId: null,
    actor: { kind: "user", userId, name, role: "owner" },
  });
  const mara = as(owner.userId, "Mara Lindqvist");
  const colleagues = [mara, await hire(mara, as, "Jonas Weber"), await hire(mara, as, "Priya Nair")];
  const stage: DemoStage = {
    clock,
    today: wanted.now,
    system,
    people: colleagues,
    chance: makeChance(7_265_001),
    gatewayId: await openDemoGateway(system, wanted.now),
    passwordHash: `{ARGON2ID}${await hashPassword(demoAccount.password)}`,
  };
  await nameDelegationZone(mara);
  let firstTenantId: string | null = null;
  for (const customer of demoCustomers) {
    clock.now = new Date(clock.now.getTime() + 3_600_000);
    const { tenantId } = await createTenant(mara, { name: customer.name });
    firstTenantId ??= tenantId;
    for (const server of customer.servers) await tellServer(stage, tenantId, server);
    await tellHelpers(stage, { person: mara, tenantId, customer });
    for (const zone of customer.zones ?? []) await tellZone(stage, { person: mara, tenantId, zone });
    clock.now = new Date(wanted.now.getTime() - storyDays * dayMs);
  }
  await leaveFleetAlone(mara);
  await tellTags(mara);
  await leaveKeysAlone(mara);
  await tellCertificates(mara, wanted.now);
  await tellFeeds(mara, wanted.now);
  await tellRollouts(stage, { person: mara, app: wanted.app, installation: wanted.installation });
  if (firstTenantId !== null) await tellMaintenance(mara, { tenantId: firstTenantId, today: wanted.now });
  clock.now = wanted.now;
  await rollUpDeliveries(system);
  await judgeOrganisation(mara);
  await recordDeliveryFindings(system, { app: wanted.app, installation: wanted.installation });
  return demoAccount;
}

/** No DNS provider of the demo could ever be asked, so the zone is only named. */
async function nameDelegationZone(owner: ServiceContext): Promise<void> {
  await withTransaction(owner, (tx) => tx.update(organisations).set({ dkimZone: "dkim.fjordmail.example" }));
}

/** The real world knows nothing of these domains and servers, so the worker would soon show all of them as broken. */
async function leaveFleetAlone(owner: ServiceContext): Promise<void> {
  await withTransaction(owner, async (tx) => {
    await tx.update(domains).set({ nextCheckAt: never });
    await tx.update(servers).set({ nextCheckAt: never });
    await tx.update(zones).set({ nextCheckAt: never });
  });
}

async function hire(
  owner: ServiceContext,
  as: (userId: string, name: string) => ServiceContext,
  name: string,
): Promise<ServiceContext> {
  const { organisationId } = owner;
  const createdAt = owner.now();
  const userId = newId(createdAt);
  const email = `${(name.split(" ")[0] ?? "").toLowerCase()}@fjordmail.example`;
  // Nobody signs in as a colleague of the demo, so their hash fits no password.
  const passwordHash = "$argon2id$none";
  await withTransaction(owner, async (tx) => {
    await tx.insert(users).values({ id: userId, organisationId, email, name, passwordHash, createdAt });
    await tx
      .insert(memberships)
      .values({ id: newId(createdAt), organisationId, userId, role: "technician", createdAt });
  });
  return as(userId, name);
}

/** The servers of the demo look connected through a gateway whose heart never stops, so no sweep gives it up. */
async function openDemoGateway(system: SystemContext, now: Date): Promise<string> {
  const id = newId(now);
  await withSystemTransaction(system, (tx) =>
    tx.insert(gateways).values({
      id,
      name: "demo",
      startedAt: now,
      heartbeatAt: never,
    }),
  );
  return id;
}
