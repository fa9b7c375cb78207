import { domainToASCII } from "node:url";
import { domains, servers } from "@mailstead/db";
import { eq, inArray } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";
import { addDomainServer, addDomainWithoutMail, getDomain, removeDomainServer } from "../domains/index.ts";
import { recordObserved } from "../servers/index.ts";
import { writeDemoCheck } from "./dns-story.ts";
import { changesBetween, renderFiles } from "./file-story.ts";
import type { DemoCustomer, DemoDomain } from "./fleet.ts";
import { tellWaitingJobs } from "./job-story.ts";
import { type DemoStage, reportOf } from "./tell-server.ts";

const hourMs = 3_600_000;

/** Tells of domains that more than one server of a customer works for, and of those that have no mail at all. */
export async function tellHelpers(
  stage: DemoStage,
  { person, tenantId, customer }: { person: ServiceContext; tenantId: string; customer: DemoCustomer },
): Promise<void> {
  for (const name of customer.domainsWithoutMail ?? []) {
    stage.clock.now = new Date(stage.today.getTime() - 6 * hourMs);
    const { domainId } = await addDomainWithoutMail(person, { tenantId, name });
    await writeDemoCheck({ ctx: person, domainId, dns: "right" });
  }
  const shared = customer.servers.flatMap((server) =>
    server.domains.flatMap(({ helpers = [], ...domain }) =>
      helpers.length === 0 ? [] : { ...domain, helpers },
    ),
  );
  for (const domain of shared) await tellSharedDomain(stage, person, domain);
}

async function tellSharedDomain(
  stage: DemoStage,
  person: ServiceContext,
  { name, dns, helpers }: DemoDomain & { helpers: NonNullable<DemoDomain["helpers"]> },
): Promise<void> {
  const domainId = await findDomain(person, domainToASCII(name));
  const ids = await findServers(
    person,
    helpers.map(({ server }) => server),
  );
  stage.clock.now = new Date(stage.today.getTime() - 5 * hourMs);
  await carryOut(stage, { person, domainId, extraIds: [...ids.values()] }, async () => {
    for (const { server, role } of helpers) {
      stage.clock.now = new Date(stage.clock.now.getTime() + 60_000);
      await addDomainServer(person, { domainId, serverId: ids.get(server) ?? "", role });
    }
  });
  stage.clock.now = new Date(stage.today.getTime() - 3 * hourMs);
  await carryOut(stage, { person, domainId }, () => writeDemoCheck({ ctx: person, domainId, dns }));
  for (const { server, isLeaving = false } of helpers)
    if (isLeaving)
      await carryOut(stage, { person, domainId }, () =>
        removeDomainServer(person, { domainId, serverId: ids.get(server) ?? "" }),
      );
  stage.clock.now = new Date(stage.today.getTime() - 20_000);
  await carryOut(stage, { person, domainId }, () => writeDemoCheck({ ctx: person, domainId, dns }));
}

/** Changes something, and has every server of the domain do what follows and report that it has. */
async function carryOut(
  stage: DemoStage,
  {
    person,
    domainId,
    extraIds = [],
  }: { person: ServiceContext; domainId: string; extraIds?: readonly string[] },
  change: () => Promise<void>,
): Promise<void> {
  const { servers: hosts } = await getDomain(person, { domainId });
  const serverIds = new Set([...hosts.map(({ id }) => id), ...extraIds]);
  const before = new Map<string, Awaited<ReturnType<typeof renderFiles>>>();
  for (const id of serverIds) before.set(id, await renderFiles(person, id));
  await change();
  for (const serverId of serverIds) {
    const changes = changesBetween(before.get(serverId) ?? new Map(), await renderFiles(person, serverId));
    await tellWaitingJobs(stage.system, serverId, changes);
    await recordObserved(stage.system, { serverId, report: await reportOf(stage, serverId) });
  }
}

async function findDomain(person: ServiceContext, name: string): Promise<string> {
  const [row] = await withTransaction(person, (tx) =>
    tx.select({ id: domains.id }).from(domains).where(eq(domains.name, name)),
  );
  if (row === undefined) throw new Error(`the demo has no domain ${name}`);
  return row.id;
}

async function findServers(person: ServiceContext, names: string[]): Promise<Map<string, string>> {
  const rows = await withTransaction(person, (tx) =>
    tx.select({ id: servers.id, name: servers.name }).from(servers).where(inArray(servers.name, names)),
  );
  return new Map(rows.map(({ id, name }) => [name, id]));
}
