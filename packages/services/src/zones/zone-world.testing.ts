import { makeAgent } from "@mailstead/db/factories";
import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import { addServer, getTargetState, installServer, recordFacts } from "../servers/index.ts";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import { testFacts } from "../testing/test-facts.ts";
import { createZone, getZone } from "./index.ts";

export let t: ServiceTest;
/** Part of the names, so that each test has servers and a zone of its own. */
export let count = 0;
export let zone: string;
export let primary: string;
export let secondary: string;
/** Makes an organisation for the file, and two installed servers and the name of a zone for each test. */
export function useZoneWorld(): void {
  beforeAll(async () => {
    t = await openServiceTest();
  });
  afterAll(() => t.close());
  beforeEach(async () => {
    count += 1;
    zone = `zone${count}.example`;
    primary = await makeServer(`a${count}`, ["198.51.100.11", "2001:db8:51::11"]);
    secondary = await makeServer(`b${count}`, ["198.51.100.12"]);
  });
}

export async function makeServer(name: string, ipAddresses: string[], isInstalled = true): Promise<string> {
  const { tenantId, organisationId } = t;
  const { serverId } = await addServer(t.owner, { tenantId, name, hostname: `${name}.msp.example` });
  await makeAgent(t.database.admin, { organisationId, tenantId, serverId });
  await recordFacts(t.system, { serverId, facts: testFacts({ ipAddresses }) });
  if (isInstalled) await installServer(t.owner, { serverId });
  return serverId;
}

export const host = async (changes: Partial<Parameters<typeof createZone>[1]> = {}) =>
  (
    await createZone(t.owner, {
      tenantId: t.tenantId,
      name: zone,
      primaryServerId: primary,
      secondaryServerId: secondary,
      ...changes,
    })
  ).zoneId;
export const zonesOn = async (serverId: string) => (await getTargetState(t.owner, { serverId })).state.dns;
export async function primaryZone() {
  const found = (await zonesOn(primary)).zones.find(({ name }) => name === zone);
  if (found?.role !== "primary") return expect.fail("the primary holds no such zone");
  return found;
}
export const txt = (value: string, name = "@") => ({ name, type: "TXT", value });
export const own = async (zoneId: string) =>
  (await getZone(t.owner, { zoneId })).records.filter(({ isOwn }) => isOwn);
