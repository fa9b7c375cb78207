import { isInZone, recordInWords, type ZoneRecord } from "./zone-record.ts";

export interface ZoneNameServer {
  /** Host name without the final dot. */
  name: string;
  /** Where it answers; needed above the zone as glue when its name lies inside. */
  addresses: readonly string[];
}

/** Everything that a primary server must know to serve a zone. */
export interface HostedZone {
  name: string;
  /** Where the first version that a new host serves begins; Knot goes on from there by itself. */
  serial: number;
  nameServers: readonly ZoneNameServer[];
  records: readonly ZoneRecord[];
}

/**
 * Says in a sentence why these records make no zone, or null when they do: what lies outside it, what Mailstead keeps
 * itself, an alias beside other records (RFC 1034 §3.6.2), what a delegation hides (RFC 1034 §4.2.1).
 */
export function zoneProblem({ name: zone, nameServers, records }: HostedZone): string | null {
  const byName = Map.groupBy(records, (record) => record.name);
  for (const record of records) {
    const problem =
      placeProblem(record, { zone, nameServers }) ??
      aliasProblem(record, byName.get(record.name) ?? []) ??
      delegationProblem(record, { zone, byName });
    if (problem !== null) return problem;
  }
  return (
    nameServers.map((server) => aliasedNameServer(server, byName)).find((problem) => problem !== null) ?? null
  );
}

function placeProblem(
  record: ZoneRecord,
  { zone, nameServers }: Pick<HostedZone, "nameServers"> & { zone: string },
): string | null {
  if (!isInZone(record.name, zone)) return `${recordInWords(record)} does not lie in the zone ${zone}.`;
  if (record.type === "NS" && record.name === zone)
    return `The name servers of ${zone} itself are kept by Mailstead; an NS record of your own stands below it, like in dept.${zone}.`;
  if (record.type === "DS" && record.name === zone)
    return `The DS record of ${zone} belongs into the zone above it and not into ${zone} itself.`;
  if ((record.type === "A" || record.type === "AAAA") && isNameServer(record.name, nameServers))
    return nameServers.some((one) => one.name === record.name && one.addresses.includes(record.value))
      ? null
      : `${record.name} is a name server of ${zone}, whose addresses Mailstead keeps; ${record.value} is none of them.`;
  return null;
}

function isNameServer(name: string, nameServers: readonly ZoneNameServer[]): boolean {
  return nameServers.some((server) => server.name === name);
}

function aliasProblem(record: ZoneRecord, beside: readonly ZoneRecord[]): string | null {
  if (record.type !== "CNAME") return null;
  const other = beside.find((one) => one.type !== "CNAME" || one.value !== record.value);
  return other === undefined
    ? null
    : `${record.name} is an alias (CNAME), and beside an alias nothing else may stand; ${recordInWords(other)} does.`;
}

function aliasedNameServer(
  { name }: ZoneNameServer,
  byName: ReadonlyMap<string, readonly ZoneRecord[]>,
): string | null {
  const isAlias = byName.get(name)?.some(({ type }) => type === "CNAME") === true;
  return isAlias ? `${name} is a name server, which must not be an alias (CNAME).` : null;
}

function delegationProblem(
  record: ZoneRecord,
  { zone, byName }: { zone: string; byName: ReadonlyMap<string, readonly ZoneRecord[]> },
): string | null {
  const isDelegated = (name: string) => byName.get(name)?.some(({ type }) => type === "NS") === true;
  if (record.name === zone)
    return record.type === "CNAME" ? `${zone} is the zone itself, which cannot be an alias (CNAME).` : null;
  if (record.type === "DS" && !isDelegated(record.name))
    return `${recordInWords(record)} announces keys of a zone that is not delegated here; add its NS records first.`;
  const isGlue = record.type === "A" || record.type === "AAAA";
  if (isDelegated(record.name) && !isGlue && record.type !== "NS" && record.type !== "DS")
    return `${record.name} is delegated to other name servers, so nobody would find ${recordInWords(record)}.`;
  if (isGlue) return null;
  const labels = record.name.split(".");
  for (let at = 1; at < labels.length; at += 1) {
    const above = labels.slice(at).join(".");
    if (above === zone) return null;
    if (isDelegated(above))
      return `${above} is delegated to other name servers, so nobody would find ${recordInWords(record)}.`;
  }
  return null;
}
