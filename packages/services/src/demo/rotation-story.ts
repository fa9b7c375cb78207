import { planRecords } from "@mailstead/core/dns";
import type { JobArgs } from "@mailstead/core/jobs";
import { dkimKeys, dkimRotations, domains, jobs } from "@mailstead/db";
import { and, eq } from "drizzle-orm";
import { dkimSign } from "mailauth";
import {
  type ServiceContext,
  type SystemContext,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import type { Witness } from "../dns/index.ts";
import { getRotation, startRotation, tickRotation } from "../rotations/index.ts";
import { tellJob, tellWaitingJobs } from "./job-story.ts";

export interface DemoRotation {
  /** The person who begins it. */
  person: ServiceContext;
  system: SystemContext;
  clock: { now: Date };
  domainId: string;
  domainName: string;
  serverId: string;
  /** The host reports the keys it holds. */
  observe: () => Promise<void>;
  privateKeyOf: (selector: string) => string;
  /** It stops when this moment has come, however far it is. */
  until: Date;
}

const nameServers = [
  { nameServer: "ns1.dns.example", address: "192.0.2.53" },
  { nameServer: "ns2.dns.example", address: "192.0.2.54" },
];
const turnsMax = 400;
const never = new Date("2999-01-01T00:00:00Z");

/** Tells a rotation through the use cases and the very decisions that real ones have, up to a moment or to its end. */
export async function tellRotation(demo: DemoRotation): Promise<void> {
  const { person, system, clock, domainId, serverId } = demo;
  const { rotationId } = await startRotation(person, { domainId, kind: "by-hand" });
  const worker: ServiceContext = { ...person, actor: { kind: "system", name: "worker" } };
  const zone = new DemoZone();
  await keepShown(demo, zone);
  for (let turn = 0; turn < turnsMax; turn += 1) {
    await signTests(demo);
    await tellWaitingJobs(system, serverId);
    await demo.observe();
    const world = { publisher: zone, witness: async (names: readonly string[]) => zone.witness(names) };
    if ((await tickRotation(worker, { rotationId, ...world })) === null) return;
    const lookAt = await nextLook(worker, rotationId);
    if (lookAt === null) return;
    if (lookAt > demo.until) break;
    clock.now = new Date(Math.max(lookAt.getTime(), clock.now.getTime() + 15_000));
  }
  await signTests(demo);
  await tellWaitingJobs(system, serverId);
  // No name server of the world knows this domain, so the worker would soon turn the rotation back.
  await withTransaction(worker, (tx) =>
    tx.update(dkimRotations).set({ lookAgainAt: never }).where(eq(dkimRotations.id, rotationId)),
  );
}

/** What stood in the zone before. */
async function keepShown({ person, domainId, domainName }: DemoRotation, zone: DemoZone): Promise<void> {
  const { current } = await getRotation(person, { domainId });
  if (current === null) throw new Error(`no rotation of ${domainName} began`);
  const keys = await withTransaction(person, (tx) =>
    tx.select().from(dkimKeys).where(eq(dkimKeys.domainId, domainId)),
  );
  const known = keys.flatMap(({ selector, algorithm, publicKey, publishedAtName }) =>
    publicKey === null
      ? []
      : [
          {
            domain: domainName,
            selector,
            algorithm,
            publicKey,
            ...(publishedAtName === null ? {} : { target: publishedAtName }),
          },
        ],
  );
  for (const { signsAs, publishedAtName } of keys)
    if (publishedAtName !== null) zone.aliases.set(`${signsAs}._domainkey.${domainName}`, publishedAtName);
  const records = planRecords({ domain: domainName, servers: [], dkimKeys: known });
  await zone.publish({ put: records.filter(({ purpose }) => purpose === "dkim"), withdraw: [] });
}

/** A quiet wait is told as one look at its end: hundreds of looks that saw the same would say nothing. */
async function nextLook(ctx: ServiceContext, rotationId: string): Promise<Date | null> {
  const [row] = await withTransaction(ctx, (tx) =>
    tx
      .select({
        step: dkimRotations.step,
        lookAgainAt: dkimRotations.lookAgainAt,
        waitsUntil: dkimRotations.waitsUntil,
      })
      .from(dkimRotations)
      .where(eq(dkimRotations.id, rotationId)),
  );
  if (row === undefined || row.step === "done") return null;
  const { waitsUntil, lookAgainAt } = row;
  return waitsUntil !== null && waitsUntil > ctx.now() ? waitsUntil : lookAgainAt;
}

/** The host signs what it was asked to sign. */
async function signTests({ person, system, domainId, serverId, privateKeyOf }: DemoRotation): Promise<void> {
  const waiting = await withSystemTransaction(system, (tx) =>
    tx
      .select({ id: jobs.id, args: jobs.args })
      .from(jobs)
      .where(and(eq(jobs.serverId, serverId), eq(jobs.verb, "test-signature"), eq(jobs.state, "queued"))),
  );
  for (const { id, args } of waiting) {
    const { domain, selectors } = args as JobArgs<"test-signature">;
    const names = await readNames(person, domainId);
    const signatures = await Promise.all(
      selectors.map(async (selector) => ({
        selector,
        message: await sign({ domain, selector: names.get(selector) ?? selector }, privateKeyOf(selector)),
      })),
    );
    await tellJob(system, id, {
      tookMs: 240,
      lines: [],
      outcome: { kind: "succeeded", result: { signatures, signsWith: null } },
    });
  }
}

/** What the signatures of keys behind delegated names carry, by the keys' own selectors. */
async function readNames(person: ServiceContext, domainId: string): Promise<Map<string, string>> {
  const keys = await withTransaction(person, (tx) =>
    tx
      .select({ selector: dkimKeys.selector, signsAs: dkimKeys.signsAs })
      .from(dkimKeys)
      .where(eq(dkimKeys.domainId, domainId)),
  );
  return new Map(keys.flatMap(({ selector, signsAs }) => (signsAs === null ? [] : [[selector, signsAs]])));
}

async function sign(
  { domain, selector }: { domain: string; selector: string },
  privateKey: string,
): Promise<string> {
  const message = `From: postmaster@${domain}\r\nTo: postmaster@${domain}\r\nSubject: A test signature\r\n\r\nNobody reads this.\r\n`;
  const by = { signingDomain: domain, selector, privateKey };
  const { signatures } = await dkimSign(message, {
    ...by,
    canonicalization: "relaxed/relaxed",
    signatureData: [by],
  });
  return `${signatures}${message}`;
}

/** A provider that does what it is asked, and two name servers that show it at once. */
class DemoZone {
  /** Names that stand for others. */
  readonly aliases = new Map<string, string>();
  readonly #records = new Map<string, string>();
  #serial = 2026110100;

  async publish({
    put,
    withdraw,
  }: Record<"put" | "withdraw", readonly { name: string; value: string }[]>): Promise<{
    kind: "published";
    changes: number;
  }> {
    for (const { name, value } of withdraw) if (this.#records.get(name) === value) this.#records.delete(name);
    for (const { name, value } of put) this.#records.set(name, value);
    this.#serial += 1;
    return { kind: "published", changes: put.length + withdraw.length };
  }

  witness(names: readonly string[]): Witness {
    return {
      kind: "heard",
      zones: [
        {
          zone: names[0]?.split("._domainkey.")[1] ?? "",
          servers: nameServers.map((server) => ({
            ...server,
            serial: this.#serial,
            soaMinimumSeconds: 900,
            longestTtlSeconds: 0,
            problem: null,
          })),
        },
      ],
      names: names.map((name) => {
        const value = this.#records.get(this.aliases.get(name) ?? name);
        const values = value === undefined ? [] : [value];
        return {
          name,
          answers: nameServers.map((server) => ({ ...server, kind: "answered" as const, values })),
        };
      }),
    };
  }
}

/** The keys of demo domains are replaced by hand only, because no host of theirs would ever answer the schedule. */
export async function leaveKeysAlone(owner: ServiceContext): Promise<void> {
  await withTransaction(owner, (tx) =>
    tx.update(domains).set({ rotationIntervalDays: null, nextRotationAt: null }),
  );
}
