import type { DirectoryChange } from "@mailstead/core/mailboxes";
import { servers } from "@mailstead/db";
import { makeOrganisation, makeTenant, makeUser } from "@mailstead/db/factories";
import { openTestDatabase } from "@mailstead/db/testing";
import type { ServiceContext } from "@mailstead/services/context";
import { addDomain } from "@mailstead/services/domains";
import { addServer, readDirectoryChanges } from "@mailstead/services/servers";
import type { MailHost } from "./mail-host.ts";

/** The dashboard's use cases over a database of their own, for promises that they keep and not the host. */
export interface DashboardDirectory {
  readonly owner: ServiceContext;
  /** The mail host's first domain, as the database knows it. */
  readonly domainId: string;
  /** Writes into the host's directory what the use cases have changed since the last time. */
  carryOver(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a database that has the host as its only server and the host's first domain, without any address. */
export async function openDashboardDirectory(server: MailHost): Promise<DashboardDirectory> {
  const database = await openTestDatabase();
  const organisation = await makeOrganisation(database.admin);
  const tenant = await makeTenant(database.admin, { organisationId: organisation.id });
  const user = await makeUser(database.admin, { organisationId: organisation.id });
  const base = {
    now: () => new Date(),
    requestId: "acceptance",
    installation: {
      publicUrl: "https://control.lab",
      gatewayUrl: "wss://control.lab/agent/link",
      signingPublicKey: "",
      masterKey: Buffer.alloc(32),
      dnsResolver: "127.0.0.1",
      sendsMail: false,
    },
  };
  const owner: ServiceContext = {
    ...base,
    database: database.app,
    organisationId: organisation.id,
    tenantId: null,
    actor: { kind: "user", userId: user.id, name: user.name, role: "owner" },
  };
  const system = {
    ...base,
    database: database.system,
    actor: { kind: "system" as const, name: "acceptance" },
  };
  const { hostname } = server.target;
  const { serverId } = await addServer(owner, { tenantId: tenant.id, name: "mx", hostname });
  const { domainId } = await addDomain(owner, { tenantId: tenant.id, serverId, name: server.domain });
  let afterRevision = 0;
  const readNew = async (): Promise<DirectoryChange[]> => {
    const [row] = await database.admin.query.select({ revision: servers.directoryRevision }).from(servers);
    const upToRevision = row?.revision ?? 0;
    const wanted = { serverId, epoch: 1, afterRevision, upToRevision };
    const page = await readDirectoryChanges(system, wanted);
    afterRevision = upToRevision;
    return page.changes;
  };
  return {
    owner,
    domainId,
    carryOver: async () => server.changeDirectory(await readNew()),
    close: () => database.close(),
  };
}
