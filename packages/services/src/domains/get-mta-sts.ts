import { mtaStsModes, mtaStsStepProblem, servedMtaStsPolicy, webNamesOf } from "@mailstead/core/mail-flow";
import { defaultMtaSts } from "@mailstead/core/servers";
import { domainServers, servers } from "@mailstead/db";
import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, ServiceError, withTransaction } from "../context/index.ts";
import { findDomain } from "../mailboxes/index.ts";
import { readTargetState } from "../servers/index.ts";
import { readDomainServers } from "./domain-servers.ts";
import { readUntrustedHosts } from "./untrusted-hosts.ts";

const getMtaStsInput = z.object({ domainId: z.uuid() });

export type DomainMtaSts = Awaited<ReturnType<typeof getMtaSts>>;

/** The MTA-STS policy of a domain as its server serves it, and what keeps each mode from being chosen now. Throws `not-found`. */
export async function getMtaSts(ctx: ServiceContext, input: z.input<typeof getMtaStsInput>) {
  const { domainId } = parseInput(getMtaStsInput, input);
  return withTransaction(ctx, async (tx) => {
    const { name } = await findDomain(tx, domainId);
    const [home] = await tx
      .select({ id: servers.id, targetRevision: servers.targetRevision })
      .from(domainServers)
      .innerJoin(servers, eq(servers.id, domainServers.serverId))
      .where(and(eq(domainServers.domainId, domainId), eq(domainServers.role, "home")));
    if (home === undefined) throw new ServiceError("not-found", `${name} is on no server.`);
    const untrustedHosts = await readUntrustedHosts(tx, await readDomainServers(tx, domainId), ctx.now());
    const { state: homeState } = await readTargetState(tx, home);
    const settings = homeState.domains.find((domain) => domain.name === name)?.mtaSts ?? defaultMtaSts;
    const isServed = homeState.web.isEnabled;
    const policy = servedMtaStsPolicy(homeState.hostname, settings);
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
