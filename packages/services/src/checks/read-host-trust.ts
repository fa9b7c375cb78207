import { type HostTrust, judgeHostTrust } from "@mailstead/core/checks";
import { certificates, serverChecks, servers, type Transaction } from "@mailstead/db";
import { and, desc, eq, inArray, isNull, lte } from "drizzle-orm";
import type { ServerCheckReport } from "./check-server.ts";

/** Whether the world trusts the certificates of these mail hosts, by the id of each. */
export async function readHostTrust(
  tx: Transaction,
  hosts: readonly { id: string; hostname: string }[],
  now: Date,
): Promise<Map<string, HostTrust>> {
  const ids = hosts.map(({ id }) => id);
  if (ids.length === 0) return new Map();
  const reports = await tx
    .selectDistinctOn([serverChecks.serverId], {
      serverId: serverChecks.serverId,
      report: serverChecks.report,
    })
    .from(serverChecks)
    .where(inArray(serverChecks.serverId, ids))
    .orderBy(serverChecks.serverId, desc(serverChecks.checkedAt), desc(serverChecks.id));
  const installed = await tx
    .select({
      serverId: certificates.serverId,
      names: certificates.names,
      notBefore: certificates.notBefore,
      notAfter: certificates.notAfter,
    })
    .from(certificates)
    .innerJoin(servers, eq(servers.id, certificates.serverId))
    .where(
      and(
        inArray(certificates.serverId, ids),
        isNull(certificates.domainId),
        lte(certificates.issuedRevision, servers.appliedRevision),
      ),
    );
  return new Map(
    hosts.map(({ id, hostname }) => {
      const report = reports.find(({ serverId }) => serverId === id)?.report as ServerCheckReport | undefined;
      const row = installed.find(({ serverId }) => serverId === id);
      const issued =
        row === undefined || row.notBefore === null || row.notAfter === null
          ? null
          : { names: row.names, notBefore: row.notBefore, notAfter: row.notAfter };
      return [id, judgeHostTrust({ hostname, seen: seenIn(report), issued }, now)];
    }),
  );
}

/** Times are texts in what is kept of a check. */
function seenIn(report: ServerCheckReport | undefined): ServerCheckReport["facts"] | null {
  if (report === undefined) return null;
  const { facts } = report;
  return {
    ...facts,
    checkedAt: new Date(facts.checkedAt),
    addresses: facts.addresses.map((address) => ({
      ...address,
      ports: address.ports.map((port) =>
        port.kind === "open" && port.certificate !== null
          ? { ...port, certificate: { ...port.certificate, expiresAt: new Date(port.certificate.expiresAt) } }
          : port,
      ),
    })),
  };
}
