import { createHash, randomBytes } from "node:crypto";
import { followKeyRoll, type SeenDelegation, type ToldZoneKeys } from "@mailstead/core/zones";
import { servers, zones } from "@mailstead/db";
import { eq, inArray } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";
import { recordObserved } from "../servers/index.ts";
import { addZoneRecords, createZone, getZone, recordZoneCheck, rollZoneKey } from "../zones/index.ts";
import { changesBetween, type HostFiles, renderFiles } from "./file-story.ts";
import type { DemoZone } from "./fleet.ts";
import { tellJob, tellWaitingJobs } from "./job-story.ts";
import { type DemoStage, reportOf } from "./tell-server.ts";

/**
 * Tells of a zone that two servers of a customer answer for, delegated and checked. Its DS record is still to be set, or
 * leads to a key that is being rolled.
 */
export async function tellZone(
  stage: DemoStage,
  { person, tenantId, zone }: { person: ServiceContext; tenantId: string; zone: DemoZone },
): Promise<void> {
  stage.clock.now = new Date(stage.today.getTime() - (zone.isRolling ? 60 : 5) * hourMs);
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
  const key = makeKey();
  await reportKeys(person, zoneId, { keys: [key.data], signers: [key.signer] });
  for (const serverId of [primaryServerId, secondaryServerId])
    await recordObserved(stage.system, { serverId, report: await reportOf(stage, serverId) });
  await writeCheck(person, zoneId, { signers: zone.isRolling ? [key.signer] : [], keys: [key.signer] });
  if (zone.isRolling) await tellRoll(stage, { person, zoneId, former: key });
}

/** A new key was ordered, made and announced; its DS record has yet to be set where the domain is registered. */
async function tellRoll(
  stage: DemoStage,
  { person, zoneId, former }: { person: ServiceContext; zoneId: string; former: DemoKey },
): Promise<void> {
  const at = (hoursAgo: number) => {
    stage.clock.now = new Date(stage.today.getTime() - hoursAgo * hourMs);
  };
  const incoming = makeKey();
  const keys = [former.data, incoming.data];
  at(28);
  const { jobId } = await rollZoneKey(person, { zoneId });
  await tellJob(stage.system, jobId, {
    tookMs: 340,
    lines: [],
    outcome: { kind: "succeeded", result: { wasRolling: false } },
  });
  at(27.9);
  await reportKeys(person, zoneId, { keys, signers: [former.signer] });
  at(2.8);
  await reportKeys(person, zoneId, { keys, signers: [incoming.signer] });
  await writeCheck(person, zoneId, { signers: [former.signer], keys: [former.signer, incoming.signer] });
}

const hourMs = 3_600_000;

type DemoKey = ReturnType<typeof makeKey>;

/** The public half of a key, and what would stand above the zone for it. */
function makeKey() {
  const publicKey = randomBytes(64);
  const digest = createHash("sha256").update(publicKey).digest("hex").toUpperCase();
  return {
    data: `257 3 13 ${publicKey.toString("base64")}`,
    signer: { keyTag: publicKey.readUInt16BE(), algorithm: 13, digestType: 2, digest },
  };
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

/** The primary tells of its keys. The gateway's role alone records what hosts report, and the demo has no gateway. */
async function reportKeys(person: ServiceContext, zoneId: string, told: ToldZoneKeys): Promise<void> {
  await withTransaction(person, async (tx) => {
    const [known] = await tx.select().from(zones).where(eq(zones.id, zoneId));
    const before = { keys: known?.publicKeys ?? [], signers: known?.signers ?? [] };
    const keyRoll = followKeyRoll(known?.keyRoll ?? null, { before, told, now: person.now() });
    const { keys, signers } = told;
    await tx
      .update(zones)
      .set({ signers: [...signers], publicKeys: [...keys], keysReportedAt: person.now(), keyRoll })
      .where(eq(zones.id, zoneId));
  });
}

/** Keeps a check as the zone above and both name servers would have answered it. */
async function writeCheck(
  person: ServiceContext,
  zoneId: string,
  { signers, keys }: Required<Pick<SeenDelegation, "signers" | "keys">>,
): Promise<void> {
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
        signers,
        keys,
        servers: hosts.flatMap(({ nameServer, addresses }) =>
          addresses.map((address) => ({ nameServer, address, serial, problem: null })),
        ),
      },
    },
  });
}
