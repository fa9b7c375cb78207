import type { PlannedRecord } from "@mailstead/core/dns";
import type { ProviderSettings } from "@mailstead/core/publishing";
import { makeDomain, makeServer } from "@mailstead/db/factories";
import { storeSealingKey } from "../secrets/index.ts";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import { makeTestOpener } from "../testing/test-opener.ts";
import { connectDns, doDnsWork, type PublishingWorker } from "./index.ts";
import { TestZones } from "./zones.fixture.ts";

export const token = "secret-token-that-nobody-sees";
export const settings: ProviderSettings = { provider: "desec", token };

/** The domain alpha.example on a server, its zone at a provider, and the worker that publishes. */
export interface PublishingWorld {
  t: ServiceTest;
  zones: TestZones;
  worker: PublishingWorker;
  domainId: string;
}

export async function openPublishingWorld(): Promise<PublishingWorld> {
  const t = await openServiceTest();
  const zones = new TestZones("alpha.example");
  const opener = makeTestOpener();
  await storeSealingKey(t.system, opener);
  const worker: PublishingWorker = {
    system: t.system,
    app: t.database.app,
    installation: t.installation,
    opener,
    openProvider: () => zones,
    writeOptions: { lookAgainAfterMs: [] },
  };
  const { organisationId, tenantId } = t;
  const server = await makeServer(t.database.admin, {
    organisationId,
    tenantId,
    hostname: "mail.alpha.example",
  });
  const { id: domainId } = await makeDomain(t.database.admin, {
    organisationId,
    tenantId,
    name: "alpha.example",
    serverId: server.id,
  });
  return { t, zones, worker, domainId };
}

/** Connects the provider, and has the worker list its zones. */
export async function connectZones(
  { t, worker }: Pick<PublishingWorld, "t" | "worker">,
  label = "deSEC",
  tenantId: string | null = null,
): Promise<string> {
  const { connectionId } = await connectDns(t.owner, { label, tenantId, settings });
  await doDnsWork(worker, async () => undefined);
  return connectionId;
}

export function recordOf(name: string, value: string, type: PlannedRecord["type"] = "TXT"): PlannedRecord {
  return {
    purpose: "dkim",
    name,
    type,
    value,
    level: "required",
    reason: "",
    withoutIt: "",
    publishedAt: "domain-dns",
  };
}
