import { createHash, generateKeyPairSync } from "node:crypto";
import { domainToASCII } from "node:url";
import { dkimRecordName } from "@mailstead/core/dns";
import { noOverrides, type ObservedReport } from "@mailstead/core/servers";
import { protocolVersion } from "@mailstead/core/wire";
import { enrolmentTokens, servers } from "@mailstead/db";
import { eq } from "drizzle-orm";
import {
  type Installation,
  type ServiceContext,
  type SystemContext,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import { addDomain, getDomain } from "../domains/index.ts";
import { enrolAgent } from "../enrolment/index.ts";
import { createAlias, importMailboxes } from "../mailboxes/index.ts";
import {
  addServer,
  changeOverrides,
  changeStackSettings,
  getServer,
  getTargetState,
  installServer,
  recordFacts,
  recordObserved,
  refreshFacts,
  restartService,
  unbanAddress,
} from "../servers/index.ts";
import { tellAccounts } from "./account-story.ts";
import { tellBlockLists } from "./block-list-story.ts";
import type { Chance } from "./chance.ts";
import { tellDeliveries } from "./delivery-story.ts";
import { privateHalf, publicHalf, rawKey } from "./demo-keys.ts";
import { writeDemoCheck } from "./dns-story.ts";
import { changesBetween, editedByHand, renderFiles } from "./file-story.ts";
import { type DemoDomain, type DemoServer, firstNames, lastNames, sharedAddresses } from "./fleet.ts";
import { demoFacts } from "./host-story.ts";
import { tellInventory } from "./inventory-story.ts";
import { changeLines, installLines, tellJob, tellWaitingJobs } from "./job-story.ts";
import { tellMeasures } from "./measure-story.ts";
import { tellReports } from "./report-story.ts";
import { tellRotation } from "./rotation-story.ts";
import { tellVerdicts } from "./verdict-story.ts";

export interface DemoStage {
  /** Moves through the ninety days; every context of the demo reads it. */
  clock: { now: Date };
  today: Date;
  system: SystemContext & { installation: Installation };
  people: readonly ServiceContext[];
  chance: Chance;
  gatewayId: string;
  passwordHash: string;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

interface Told {
  stage: DemoStage;
  tenantId: string;
  demo: DemoServer;
  server: { id: string; organisationId: string; tenantId: string };
}

/** Tells the life of one server through the use cases that people have, from its first day to today. */
export async function tellServer(stage: DemoStage, tenantId: string, demo: DemoServer): Promise<void> {
  const { chance, today, clock } = stage;
  const isNew = demo.state === "installing" || demo.state === "awaiting-agent";
  clock.now = isNew
    ? new Date(today.getTime() - chance.between(4, 9) * 60_000)
    : new Date(today.getTime() - 90 * dayMs + chance.between(2, 200) * hourMs);
  const person = chance.pick(stage.people);
  const { serverId, token } = await addServer(person, { tenantId, name: demo.name, hostname: demo.hostname });
  if (demo.state === "awaiting-agent") return;
  const server = { id: serverId, organisationId: person.organisationId, tenantId };
  const told: Told = { stage, tenantId, demo, server };
  advance(stage, 90_000);
  await keepToken(person, serverId);
  await enrol(told, token);
  await recordFacts(stage.system, {
    serverId,
    facts: demoFacts(demo, { chance, now: clock.now, isInstalled: false }),
  });
  advance(stage, 60_000);
  await install(told, person);
  if (demo.state !== "installing") {
    for (const domain of demo.domains) {
      advance(stage, chance.between(2, 40) * hourMs);
      await tellDomain(told, domain);
    }
    await tellRotations(told, "finished");
    await tellWeeks(told);
    await tellRotations(told, "ending");
    await tellRotations(told, "under-way");
    await tellMeasures(stage, server.id, demo);
    await checkDomains(told);
    await reportNow(told);
  }
  await connect(told);
}

/** The story is told of the past, and Postgres asks its own clock whether a token has expired. */
async function keepToken(person: ServiceContext, serverId: string): Promise<void> {
  const expiresAt = new Date(Date.now() + dayMs);
  await withTransaction(person, (tx) =>
    tx.update(enrolmentTokens).set({ expiresAt }).where(eq(enrolmentTokens.serverId, serverId)),
  );
}

async function enrol({ stage, demo }: Told, token: string): Promise<void> {
  const key = (kind: "ed25519" | "x25519") =>
    rawKey(
      kind === "ed25519" ? generateKeyPairSync("ed25519").publicKey : generateKeyPairSync("x25519").publicKey,
    );
  const enrolment = await enrolAgent(stage.system, {
    token,
    agentPublicKey: key("ed25519"),
    sealingPublicKey: key("x25519"),
    hostname: demo.hostname,
    machineId: createHash("md5").update(demo.hostname).digest("hex"),
    agentVersion: "0.1.0",
    protocolVersion,
  });
  if (enrolment.kind === "refused") throw new Error(enrolment.refusal.sentence);
}

async function install(told: Told, person: ServiceContext): Promise<void> {
  const { stage, demo, server } = told;
  if (demo.state === "installing") for (const domain of demo.domains) await addDomainOf(told, domain);
  const { jobId } = await installServer(person, { serverId: server.id });
  if (demo.state === "installing") {
    await tellJob(stage.system, jobId, { tookMs: 0, lines: installLines(7), outcome: null });
    return;
  }
  const result = { stepsApplied: 11, changedPaths: [], tookMs: 34_000 };
  await tellJob(stage.system, jobId, {
    tookMs: 34_000,
    lines: installLines(),
    outcome: { kind: "succeeded", result },
  });
  await tellWaitingJobs(stage.system, server.id);
  await observe(told, []);
}

async function tellDomain(told: Told, demo: DemoDomain): Promise<void> {
  const { stage, server } = told;
  const { chance } = stage;
  const person = chance.pick(stage.people);
  const before = await renderFiles(person, server.id);
  const domainId = await addDomainOf(told, demo);
  const names = new Set<string>();
  while (names.size < demo.mailboxes) names.add(`${chance.pick(firstNames)}.${chance.pick(lastNames)}`);
  await importMailboxes(person, {
    domainId,
    mailboxes: [...names].map((localPart) => ({
      localPart,
      quotaBytes: chance.pick([0, 5, 10, 25]) * 1024 ** 3,
      isEnabled: chance.between(1, 20) > 1,
      passwordHash: stage.passwordHash,
    })),
  });
  const { name } = await getDomain(person, { domainId });
  const addresses = [...names].map((localPart) => `${localPart}@${name}`);
  for (const localPart of sharedAddresses.slice(0, chance.between(1, sharedAddresses.length)))
    await createAlias(person, {
      domainId,
      localPart,
      destinations: [chance.pick(addresses), chance.pick(addresses)],
    });
  const added = await renderFiles(person, server.id);
  await tellWaitingJobs(stage.system, server.id, changesBetween(before, added));
  await observe(told, []);
  advance(stage, 2 * hourMs);
  await writeDemoCheck({ ctx: person, domainId, dns: demo.dns });
  const signing = await renderFiles(person, server.id);
  await tellWaitingJobs(stage.system, server.id, changesBetween(added, signing));
}

async function addDomainOf({ stage, tenantId, server }: Told, demo: DemoDomain): Promise<string> {
  const person = stage.chance.pick(stage.people);
  const { domainId } = await addDomain(person, {
    tenantId,
    serverId: server.id,
    name: demo.name,
    delegatesKeys: demo.isDelegated ?? false,
  });
  return domainId;
}

/** What happens in ordinary weeks: a setting here, a restart there, and a look at the host every few days. */
async function tellWeeks(told: Told): Promise<void> {
  const { stage, server } = told;
  const { chance, clock, today } = stage;
  for (;;) {
    advance(stage, chance.between(2 * 24, 9 * 24) * hourMs + chance.between(0, 50) * 60_000);
    if (clock.now.getTime() > today.getTime() - dayMs) break;
    const person = chance.pick(stage.people);
    const serverId = server.id;
    switch (chance.pick(["settings", "restart", "facts", "unban"] as const)) {
      case "settings":
        await tellSettings(told, person);
        break;
      case "restart": {
        const { jobId } = await restartService(person, {
          serverId,
          service: chance.pick(["postfix", "dovecot", "rspamd"] as const),
        });
        await tellSmallJob(stage, jobId, { tookMs: 1200 });
        break;
      }
      case "facts":
        await tellSmallJob(stage, (await refreshFacts(person, { serverId })).jobId, {});
        break;
      case "unban": {
        const address = `192.0.2.${chance.between(2, 250)}`;
        await tellSmallJob(stage, (await unbanAddress(person, { serverId, address })).jobId, {
          wasBanned: true,
        });
        break;
      }
    }
  }
  if (told.demo.state === "job-failed") await tellFailure(told);
}

const daysAgo = { ending: 5, "under-way": 20 / 24 };

/** Replaces the keys of the domains that are there to show it: long ago and to the end, some days ago, or since last night. */
async function tellRotations(told: Told, which: NonNullable<DemoDomain["rotation"]>): Promise<void> {
  const { stage, demo, server } = told;
  const [person] = stage.people;
  if (person === undefined) throw new Error("the demo has no people");
  const names = demo.domains
    .filter(({ rotation }) => rotation === which)
    .map(({ name }) => domainToASCII(name));
  if (names.length === 0) return;
  // Its agent holds a connection for as long as that takes.
  await withSystemTransaction(stage.system, (tx) =>
    tx.update(servers).set({ gatewayId: stage.gatewayId }).where(eq(servers.id, server.id)),
  );
  if (which !== "finished") stage.clock.now = new Date(stage.today.getTime() - daysAgo[which] * dayMs);
  const { domains } = await getServer(person, { serverId: server.id });
  for (const { id, name } of domains.filter((domain) => names.includes(domain.name)))
    await tellRotation({
      person,
      system: stage.system,
      clock: stage.clock,
      domainId: id,
      domainName: name,
      serverId: server.id,
      observe: () => observe(told, []),
      privateKeyOf: (selector) => privateHalf(name, selector),
      until: new Date(stage.today.getTime() - 10 * hourMs),
    });
}

async function tellSmallJob(stage: DemoStage, jobId: string, result: unknown): Promise<void> {
  const tookMs = stage.chance.between(90, 1900);
  await tellJob(stage.system, jobId, { tookMs, lines: [], outcome: { kind: "succeeded", result } });
}

async function tellSettings({ stage, server }: Told, person: ServiceContext): Promise<void> {
  const before = await renderFiles(person, server.id);
  const messageSizeMaxBytes = stage.chance.between(25, 120) * 1024 * 1024;
  const { jobId } = await changeStackSettings(person, {
    serverId: server.id,
    settings: { messageSizeMaxBytes },
  });
  if (jobId === null) return;
  const changes = changesBetween(before, await renderFiles(person, server.id));
  await tellJob(stage.system, jobId, {
    tookMs: 900,
    lines: changeLines({ changes }),
    outcome: {
      kind: "succeeded",
      result: { stepsApplied: 1, changedPaths: changes.map(({ path }) => path), tookMs: 640 },
    },
  });
}

async function tellFailure({ stage, server }: Told): Promise<void> {
  stage.clock.now = new Date(stage.today.getTime() - 3 * hourMs);
  const person = stage.chance.pick(stage.people);
  const before = await renderFiles(person, server.id);
  const { jobId } = await changeOverrides(person, {
    serverId: server.id,
    overrides: { ...noOverrides, dovecot: "mail_max_userip_connections = 40x\n" },
  });
  const problem =
    "Dovecot refused its new settings, at line 1 of the overrides: Invalid number 40x for mail_max_userip_connections. The files from before are back and mail is served.";
  const changes = changesBetween(before, await renderFiles(person, server.id));
  if (jobId !== null)
    await tellJob(stage.system, jobId, {
      tookMs: 1100,
      lines: changeLines({ changes, problem }),
      outcome: { kind: "failed", problem, retry: "permanent" },
    });
}

/** Every domain was checked this morning, as it is every day. */
async function checkDomains({ stage, server, demo }: Told): Promise<void> {
  const [person] = stage.people;
  if (person === undefined) throw new Error("the demo has no people");
  stage.clock.now = new Date(stage.today.getTime() - stage.chance.between(1, 9) * hourMs);
  const { domains } = await getServer(person, { serverId: server.id });
  for (const { id, name } of domains) {
    const dns = demo.domains.find((domain) => domainToASCII(domain.name) === name)?.dns ?? "right";
    await writeDemoCheck({ ctx: person, domainId: id, dns });
  }
  await tellWaitingJobs(stage.system, server.id);
}

async function reportNow(told: Told): Promise<void> {
  const { stage, demo, server } = told;
  stage.clock.now = new Date(stage.today.getTime() - (demo.state === "offline" ? 19 * hourMs : 20_000));
  const facts = demoFacts(demo, {
    chance: stage.chance,
    now: stage.clock.now,
    isInstalled: true,
    dkimKeysGone: demo.state === "dkim-key-gone" ? await signingKeysOfLastDomain(told) : [],
  });
  await recordFacts(stage.system, { serverId: server.id, facts });
  await tellInventory(stage, { serverId: server.id, demo, kernel: facts.kernel });
  await tellDeliveries(stage, server.id, demo);
  await tellReports(stage, server.id, demo);
  await tellBlockLists(stage, server.id, demo);
  await tellVerdicts(stage, server.id, demo);
  const [person] = stage.people;
  if (person !== undefined) await tellAccounts(stage, { person, serverId: server.id, demo });
  if (demo.state !== "drift" || person === undefined) return observe(told, []);
  await observe(told, editedByHand(await renderFiles(person, server.id)));
}

/** The names of the keys that sign for the domain that came last. */
async function signingKeysOfLastDomain({ stage, server }: Told): Promise<string[]> {
  const [person] = stage.people;
  if (person === undefined) throw new Error("the demo has no people");
  const { state } = await getTargetState(person, { serverId: server.id });
  const domain = state.domains.at(-1);
  return (domain?.dkimKeys ?? [])
    .filter(({ isSigning }) => isSigning)
    .map(({ selector }) => dkimRecordName({ selector, domain: domain?.name ?? "" }));
}

/** The host reports that it holds what it ought to, with a public half for every key that is planned. */
async function observe({ stage, server }: Told, drift: ObservedReport["drift"]): Promise<void> {
  const report = await reportOf(stage, server.id);
  await recordObserved(stage.system, { serverId: server.id, report: { ...report, drift } });
}

/** What a host that is as it ought to be reports of itself. */
export async function reportOf(
  stage: DemoStage,
  serverId: string,
): Promise<Parameters<typeof recordObserved>[1]["report"]> {
  const [person] = stage.people;
  if (person === undefined) throw new Error("the demo has no people");
  const { state } = await getTargetState(person, { serverId });
  const { directoryRevision } = await getServer(person, { serverId });
  return {
    targetRevision: state.revision,
    drift: [],
    dkimPublicKeys: state.domains.flatMap((domain) =>
      domain.dkimKeys.map(({ selector, algorithm }) => publicHalf(domain.name, selector, algorithm)),
    ),
    directory: { epoch: 1, revision: directoryRevision },
  };
}

async function connect({ stage, demo, server }: Told): Promise<void> {
  await withSystemTransaction(stage.system, (tx) =>
    tx
      .update(servers)
      .set({
        gatewayId: demo.state === "offline" ? null : stage.gatewayId,
        connectedAt: new Date(stage.today.getTime() - stage.chance.between(1, 90) * hourMs),
        lastSeenAt: stage.clock.now,
      })
      .where(eq(servers.id, server.id)),
  );
}

function advance(stage: DemoStage, byMs: number): void {
  stage.clock.now = new Date(stage.clock.now.getTime() + byMs);
}
