import { servers } from "@mailstead/db";
import { makeAgent } from "@mailstead/db/factories";
import { eq } from "drizzle-orm";
import { addDomain } from "../domains/index.ts";
import { addServer } from "../servers/index.ts";
import { TestHost } from "./rotation-world.ts";
import type { ServiceTest } from "./service-test.ts";
import { TestZone } from "./test-zone.ts";

export interface NewDomain {
  domainId: string;
  domainName: string;
  zone: TestZone;
  host: TestHost;
}

/** A domain that was just put on a server that is up; its host has made no key yet, and its zone shows none. */
export async function openNewDomain(
  t: ServiceTest,
  {
    domainName,
    ourZone = null,
    delegatesKeys = false,
  }: { domainName: string; ourZone?: string | null; delegatesKeys?: boolean },
): Promise<NewDomain> {
  const zone = new TestZone(domainName, ourZone);
  await zone.open();
  const { organisationId, tenantId } = t;
  const label = `${domainName.split(".")[0]}-mx`;
  const { serverId } = await addServer(t.owner, {
    tenantId,
    name: label,
    hostname: `${label}.msp.example`,
  });
  await makeAgent(t.database.admin, { organisationId, tenantId, serverId });
  await t.database.admin.query
    .update(servers)
    .set({ installRequestedAt: t.clock.now })
    .where(eq(servers.id, serverId));
  const { domainId } = await addDomain(t.owner, { tenantId, serverId, name: domainName, delegatesKeys });
  const host = new TestHost(t, serverId);
  await host.setOnline(true);
  return { domainId, domainName, zone, host };
}
