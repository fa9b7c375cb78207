import { domainToUnicode } from "node:url";

/** What a finding is of, with the name that people know it by. */
export interface FindingSubject {
  kind: "domain" | "server" | "zone" | "withdrawal" | "organisation";
  /** Of a whole organisation's finding, the finding's own. */
  id: string;
  name: string;
}

interface SubjectRow {
  id: string;
  domainId: string | null;
  domainName: string | null;
  serverId: string | null;
  serverName: string | null;
  zoneId: string | null;
  zoneName: string | null;
  withdrawnDomain: string | null;
}

/** The one subject that the row of a finding has. */
export function findingSubject(row: SubjectRow): FindingSubject {
  if (row.domainId !== null)
    return { kind: "domain", id: row.domainId, name: domainToUnicode(row.domainName ?? "") };
  if (row.zoneId !== null) return { kind: "zone", id: row.zoneId, name: domainToUnicode(row.zoneName ?? "") };
  if (row.withdrawnDomain !== null)
    return { kind: "withdrawal", id: row.withdrawnDomain, name: domainToUnicode(row.withdrawnDomain) };
  if (row.serverId === null) return { kind: "organisation", id: row.id, name: "" };
  return { kind: "server", id: row.serverId, name: row.serverName ?? "" };
}

/** How many domains, servers or zones several findings are of. */
export function countSubjects(subjects: readonly FindingSubject[]): number {
  return new Set(subjects.map(({ kind, id }) => `${kind} ${id}`)).size;
}
