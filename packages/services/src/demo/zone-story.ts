import { createHash, randomBytes } from "node:crypto";
import { servers, zones } from "@mailstead/db";
import { eq, inArray } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";
import { recordObserved } from "../servers/index.ts";
import { addZoneRecords, createZone, getZone, recordZoneCheck } from "../zones/index.ts";
import { changesBetween, type HostFiles, renderFiles } from "./file-story.ts";
import type { DemoZone } from "./fleet.ts";
import { tellWaitingJobs } from "./job-story.ts";
import { type DemoStage, reportOf } from "./tell-server.ts";

/** Tells of a zone that two servers of a customer answer for, delegated and checked; its DS record is still to be set. */
export async function tellZone(
  stage: DemoStage,
  { person, tenantId, zone }: { person: ServiceContext; tenantId: string; zone: DemoZone },
): Promise<void> {
  stage.clock.now = new Date(stage.today.getTime() - 5 * 3_600_000);
  const ids = await findServers(person, [zone.primary, zone.secondary]);
  const [primaryServerId = "", secondaryServerId = ""] = [zone.primary, zone.secondary].map((name) =>
    ids.get(name),
  );
  const before = await filesOf(person, [primaryServerId, secondaryServerId]);
  const { zoneId } = await createZone(person, {
    tenantId,
    name: zone.name,
    primaryServerId,
    secondaryServerId,
    nameServers: { primary: `ns1.${zone.name}`, secondary: `ns2.${zone.name}` },
  });
  await addZoneRecords(person, { zoneId, records: [...zone.records] });
  const after = await filesOf(person, [primaryServerId, secondaryServerId]);
  for (const serverId of [primaryServerId, secondaryServerId])
    await tellWaitingJobs(
      stage.system,
      serverId,
      changesBetween(before.get(serverId) ?? new Map(), after.get(serverId) ?? new Map()),
    );
  await reportServed(stage, { person, zoneId, serverIds: [primaryServerId, secondaryServerId] });
  await writeCheck(person, zoneId);
}

async function findServers(person: ServiceContext, names: string[]): Promise<Map<string, string>> {
  const rows = await withTransaction(person, (tx) =>
    tx.select({ id: servers.id, name: servers.name }).from(servers).where(inArray(servers.name, names)),
  );
  return new Map(rows.map(({ id, name }) => [name, id]));
}

async function filesOf(
  person: ServiceContext,
  serverIds: readonly string[],
): Promise<Map<string, HostFiles>> {
  const files = new Map<string, HostFiles>();
  for (const id of serverIds) files.set(id, await renderFiles(person, id));
  return files;
}

/** Both report that they serve it; the primary tells the public half of its key, as it does once it has signed. */
async function reportServed(
  stage: DemoStage,
  { person, zoneId, serverIds }: { person: ServiceContext; zoneId: string; serverIds: readonly string[] },
): Promise<void> {
  const publicKey = randomBytes(64).toString("base64");
  const digest = createHash("sha256").update(publicKey).digest("hex").toUpperCase();
  // The gateway's role alone records keys that hosts report, and the demo has no gateway.
  await withTransaction(person, (tx) =>
    tx
      .update(zones)
      .set({
        signers: [{ keyTag: 31_407, algorithm: 13, digestType: 2, digest }],
        publicKeys: [`257 3 13 ${publicKey}`],
        keysReportedAt: person.now(),
      })
      .where(eq(zones.id, zoneId)),
  );
  for (const serverId of serverIds)
    await recordObserved(stage.system, { serverId, report: await reportOf(stage, serverId) });
}

/** Keeps a check as the zone above and both name servers would have answered it. */
async function writeCheck(person: ServiceContext, zoneId: string): Promise<void> {
  const { delegation, servers: hosts } = await getZone(person, { zoneId });
  const serial = Math.floor(person.now().getTime() / 1000);
  await recordZoneCheck(person, {
    zoneId,
    report: {
      kind: "checked",
      seen: {
        saidBy: "a.registry.example",
        nameServers: delegation.nameServers,
        glue: delegation.glue.flatMap(({ name, addresses }) =>
          addresses.map((address) => ({ name, address })),
        ),
        signers: [],
        servers: hosts.flatMap(({ nameServer, addresses }) =>
          addresses.map((address) => ({ nameServer, address, serial, problem: null })),
        ),
      },
    },
  });
}
