import type { PlannedRecord } from "@mailstead/core/dns";
import type { ProviderSettings } from "@mailstead/core/publishing";
import { makeDomain, makeServer } from "@mailstead/db/factories";
import { expect } from "vitest";
import { storeSealingKey } from "../secrets/index.ts";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import { makeTestOpener } from "../testing/test-opener.ts";
import {
  connectDns,
  doDnsWork,
  getPublication,
  type PublishingWorker,
  planPublication,
  publishPlan,
} from "./index.ts";
import { TestZones } from "./zones.fixture.ts";

export const token = "secret-token-that-nobody-sees";
export const settings: ProviderSettings = { provider: "desec", token };

/** The domain alpha.example on a server, its zone at a provider, and the worker that publishes. */
export interface PublishingWorld {
  t: ServiceTest;
  zones: TestZones;
  worker: PublishingWorker;
  domainId: string;
  serverId: string;
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
  return { t, zones, worker, domainId, serverId: server.id };
}

/** What people and the worker do in such a world, step by step. */
export function stepsIn(world: PublishingWorld) {
  const { t, domainId } = world;
  // A test may put another worker in its place.
  const work = () => doDnsWork(world.worker, async () => undefined);
  const shown = async () => (await getPublication(t.owner, { domainId })) ?? expect.fail("no publication");
  return {
    work,
    /** Connects the provider, and has the worker list its zones. */
    async connect(label = "deSEC", tenantId: string | null = null): Promise<string> {
      const { connectionId } = await connectDns(t.owner, { label, tenantId, settings });
      await work();
      return connectionId;
    },
    /** The newest publication of the domain, as its page shows it. */
    shown,
    async plan() {
      await planPublication(t.owner, { domainId });
      await work();
      return shown();
    },
    async publish(allowed: { name: string; type: string; value: string }[] = []) {
      await publishPlan(t.owner, { publicationId: (await shown()).id, allowed });
      await work();
      return shown();
    },
  };
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
