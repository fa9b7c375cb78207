import { makeAgent } from "@mailstead/db/factories";
import type { TestDatabase } from "@mailstead/db/testing";
import { addServer } from "../servers/index.ts";
import { openServiceTest, type ServiceTest } from "./service-test.ts";

export interface ServerTest extends ServiceTest {
  readonly serverId: string;
}

/** The same as `openServiceTest`, with one server of its customer, which its agent has called from unless told otherwise. */
export async function openServerTest({
  name = "mail1",
  hasAgent = true,
  shared,
}: {
  name?: string;
  hasAgent?: boolean;
  shared?: TestDatabase;
} = {}): Promise<ServerTest> {
  const t = await openServiceTest(shared === undefined ? {} : { shared });
  const { organisationId, tenantId } = t;
  const { serverId } = await addServer(t.owner, { tenantId, name, hostname: `${name}.msp.example` });
  if (hasAgent) await makeAgent(t.database.admin, { organisationId, tenantId, serverId });
  return { ...t, serverId };
}
