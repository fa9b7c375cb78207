import { mtaStsModes, mtaStsStepProblem, servedMtaStsPolicy, webNamesOf } from "@mailstead/core/mail-flow";
import { defaultMtaSts } from "@mailstead/core/servers";
import { domainServers, servers } from "@mailstead/db";
import { asc, eq } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, ServiceError, withTransaction } from "../context/index.ts";
import { findDomain } from "../mailboxes/index.ts";
import { readTargetState } from "../servers/index.ts";
import { readUntrustedHosts } from "./change-mta-sts.ts";

const getMtaStsInput = z.object({ domainId: z.uuid() });

export type DomainMtaSts = Awaited<ReturnType<typeof getMtaSts>>;

/** The MTA-STS policy of a domain as its server serves it, and what keeps each mode from being chosen now. Throws `not-found`. */
export async function getMtaSts(ctx: ServiceContext, input: z.input<typeof getMtaStsInput>) {
  const { domainId } = parseInput(getMtaStsInput, input);
  return withTransaction(ctx, async (tx) => {
    const { name } = await findDomain(tx, domainId);
    const hosts = await tx
      .select({ id: servers.id, hostname: servers.hostname, targetRevision: servers.targetRevision })
      .from(domainServers)
      .innerJoin(servers, eq(servers.id, domainServers.serverId))
      .where(eq(domainServers.domainId, domainId))
      .orderBy(asc(servers.id));
    const states = [];
    for (const host of hosts) states.push((await readTargetState(tx, host)).state);
    const [first] = states;
    if (first === undefined) throw new ServiceError("not-found", `${name} is on no server.`);
    const settings = first.domains.find((domain) => domain.name === name)?.mtaSts ?? defaultMtaSts;
    const untrustedHosts = await readUntrustedHosts(tx, hosts, ctx.now());
    const isServed = states.every(({ web }) => web.isEnabled);
    const policy = servedMtaStsPolicy(first.hostname, settings);
    return {
      mode: settings.mode,
      maxAgeSeconds: settings.maxAgeSeconds,
      isServed,
      policyUrl: `https://${webNamesOf(name).mtaSts}/.well-known/mta-sts.txt`,
      policyText: policy.text,
      policyId: policy.id,
      modes: mtaStsModes.map((mode) => ({
        mode,
        problem: mtaStsStepProblem({ domain: name, from: settings.mode, to: mode, isServed, untrustedHosts }),
      })),
    };
  });
}
