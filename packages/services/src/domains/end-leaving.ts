import { mayLeave, signsMail } from "@mailstead/core/domains";
import { certificates, dkimKeys, domainServers, type Transaction } from "@mailstead/db";
import { and, eq, lte } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import type { ServiceContext } from "../context/index.ts";
import { type KeyedDomain, leaveDomainAction } from "../dkim/index.ts";
import { editDirectory, forgetEntries, readDomainDirectory } from "../mailboxes/index.ts";
import { changeTargetState, getServerForChange } from "../servers/index.ts";
import type { DomainCheckReport } from "./domain-report.ts";
import { type DomainServer, readDomainServers } from "./domain-servers.ts";
import { endKeys } from "./end-keys.ts";
import { hasOpenRotation } from "./has-open-rotation.ts";
import { tellDomainServers } from "./tell-domain-servers.ts";

/**
 * Ends what leaves a locked domain and is asked for no more, by what a check has just found: servers that were to be taken
 * off, and records of keys whose servers left long ago.
 */
export async function endLeaving(
  tx: Transaction,
  ctx: ServiceContext,
  { domain, report }: { domain: KeyedDomain; report: DomainCheckReport },
): Promise<void> {
  const now = ctx.now();
  await tx.delete(dkimKeys).where(and(eq(dkimKeys.domainId, domain.id), lte(dkimKeys.recordEndsAt, now)));
  const leaving = (await readDomainServers(tx, domain.id)).filter(({ leavesSince }) => leavesSince !== null);
  if (leaving.length === 0) return;
  const mxHosts = mxHostsIn(report, domain.name);
  const isRotating = await hasOpenRotation(tx, domain);
  for (const host of leaving) {
    const { leavesSince } = host;
    if (leavesSince === null || !mayLeave({ ...host, leavesSince }, { mxHosts, now })) continue;
    // Until its new keys have been watched, a rotation counts on the keys of every server that it began with.
    if (signsMail(host.role) && isRotating) continue;
    await takeOff(tx, ctx, { domain, host });
  }
}

/** The MX hosts that any name server gave for a domain, or null when none of them said. */
function mxHostsIn(report: DomainCheckReport, name: string): string[] | null {
  if (report.kind !== "checked") return null;
  const heard = report.records
    .filter(({ record }) => record.type === "MX" && record.name === name)
    .flatMap(({ verdict }) =>
      verdict.answers.flatMap((answer) => (answer.kind === "answered" ? [answer] : [])),
    );
  if (heard.length === 0) return null;
  return heard.flatMap(({ values }) =>
    values.map((value) => (value.split(/\s+/)[1] ?? "").toLowerCase().replace(/\.$/, "")),
  );
}

async function takeOff(
  tx: Transaction,
  ctx: ServiceContext,
  { domain, host }: { domain: KeyedDomain; host: DomainServer },
): Promise<void> {
  const { organisationId, tenantId, name, id: domainId } = domain;
  const selectors = await endKeys(tx, ctx, { domainId, serverId: host.id });
  await tx
    .delete(domainServers)
    .where(and(eq(domainServers.domainId, domainId), eq(domainServers.serverId, host.id)));
  const gone = await tx
    .delete(certificates)
    .where(and(eq(certificates.domainId, domainId), eq(certificates.serverId, host.id)))
    .returning({ id: certificates.id });
  const goneIds = new Set(gone.map(({ id }) => id));
  const server = await getServerForChange(tx, host.id);
  await changeTargetState(tx, ctx, {
    server,
    summary: `${host.name} has left ${name}`,
    change: (state) => ({
      ...state,
      domains: state.domains.filter((known) => known.name !== name),
      certificates: state.certificates.filter(({ id }) => !goneIds.has(id)),
    }),
  });
  await editDirectory(tx, ctx, { server, edits: forgetEntries(await readDomainDirectory(tx, domain)) });
  await tellDomainServers(tx, ctx, { domain, summary: `${host.name} has left ${name}` });
  await recordAudit(tx, ctx, {
    organisationId,
    tenantId,
    action: leaveDomainAction,
    subject: { kind: "domain", id: domainId, name },
    before: { server: host.name, role: host.role, selectors },
  });
}
