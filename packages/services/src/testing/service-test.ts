import { generateKeyPairSync } from "node:crypto";
import type { Role } from "@mailstead/core/access";
import { makeOrganisation, makeTenant, makeUser } from "@mailstead/db/factories";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import type { AnonymousContext, Installation, ServiceContext, SystemContext } from "../context/index.ts";

export interface ServiceTest {
  readonly database: TestDatabase;
  readonly installation: Installation;
  /** The clock of all contexts; moves only when a test moves it. */
  readonly clock: { now: Date };
  readonly organisationId: string;
  readonly tenantId: string;
  readonly userId: string;
  /** The owner of the organisation, in no tenant. */
  readonly owner: ServiceContext;
  /** The worker. */
  readonly system: SystemContext & { installation: Installation };
  /** A gateway, in the role that gateways have. */
  readonly gateway: SystemContext & { installation: Installation };
  readonly anonymous: AnonymousContext;
  as(role: Role, tenantId?: string | null): ServiceContext;
  /** The owner of another organisation on the same database. */
  makeStranger(): Promise<ServiceContext & { tenantId: null; ownTenantId: string }>;
  close(): Promise<void>;
}

/**
 * A database of its own with one organisation, one customer and one owner. A file with many tests opens `shared` once and
 * hands it in: then closing empties it.
 */
export async function openServiceTest({ shared }: { shared?: TestDatabase } = {}): Promise<ServiceTest> {
  const database = shared ?? (await openTestDatabase());
  const clock = { now: new Date("2026-11-20T12:00:00Z") };
  const installation = testInstallation();
  const organisation = await makeOrganisation(database.admin);
  const tenant = await makeTenant(database.admin, { organisationId: organisation.id });
  const user = await makeUser(database.admin, { organisationId: organisation.id });
  const base = { database: database.app, now: () => clock.now, requestId: "test", installation };
  const as = (role: Role, tenantId: string | null = null): ServiceContext => ({
    ...base,
    organisationId: organisation.id,
    tenantId,
    actor: { kind: "user", userId: user.id, name: user.name, role },
  });
  return {
    database,
    installation,
    clock,
    organisationId: organisation.id,
    tenantId: tenant.id,
    userId: user.id,
    owner: as("owner"),
    system: { ...base, database: database.system, actor: { kind: "system", name: "worker" } },
    gateway: { ...base, database: database.gateway, actor: { kind: "system", name: "gateway" } },
    anonymous: base,
    as,
    async makeStranger() {
      const other = await makeOrganisation(database.admin);
      const otherTenant = await makeTenant(database.admin, { organisationId: other.id });
      const otherUser = await makeUser(database.admin, { organisationId: other.id });
      return {
        ...base,
        organisationId: other.id,
        tenantId: null,
        ownTenantId: otherTenant.id,
        actor: { kind: "user", userId: otherUser.id, name: otherUser.name, role: "owner" },
      };
    },
    close: () => (shared === undefined ? database.close() : database.empty()),
  };
}

/** An installation with a signing key of its own. */
export function testInstallation(): Installation {
  const { publicKey } = generateKeyPairSync("ed25519");
  return {
    publicUrl: "https://control.example",
    gatewayUrl: "wss://control.example/agent/link",
    signingPublicKey: Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url").toString(
      "base64",
    ),
    masterKey: Buffer.alloc(32, 7),
    dnsResolver: "127.0.0.1",
    sendsMail: false,
  };
}
