import { isDkimKey, type RecordValue } from "@mailstead/core/publishing";
import { dkimKeys, dnsPublishedRecords, servers, type Transaction } from "@mailstead/db";
import { and, asc, eq, isNull } from "drizzle-orm";

/** A value that we wrote into somebody's zone. */
export interface OwnValue extends RecordValue {
  id: string;
  zone: string;
}

/** What becomes of the values that we wrote for a domain, when it goes. */
export interface DomainValues {
  /** Nothing needs them any more. */
  going: OwnValue[];
  /** DKIM keys, which receivers still ask for while mail is on its way. */
  keys: OwnValue[];
  /** They belong to a server that remains, and to whichever domains it serves. */
  staying: OwnValue[];
}

/** Sorts the values that we wrote for a domain by what becomes of them when it is removed. */
export async function readDomainValues(
  tx: Transaction,
  domain: { id: string; name: string },
): Promise<DomainValues> {
  const values = await tx
    .select({
      id: dnsPublishedRecords.id,
      zone: dnsPublishedRecords.zone,
      name: dnsPublishedRecords.name,
      type: dnsPublishedRecords.type,
      value: dnsPublishedRecords.value,
    })
    .from(dnsPublishedRecords)
    .where(and(eq(dnsPublishedRecords.domainId, domain.id), isNull(dnsPublishedRecords.withdrawalId)))
    .orderBy(asc(dnsPublishedRecords.name), asc(dnsPublishedRecords.type), asc(dnsPublishedRecords.value));
  const hostnames = await tx.select({ hostname: servers.hostname }).from(servers);
  const names = new Set(hostnames.map(({ hostname }) => hostname));
  const keyNames = await tx
    .select({ name: dkimKeys.publishedAtName })
    .from(dkimKeys)
    .where(eq(dkimKeys.domainId, domain.id));
  const delegated = new Set(keyNames.map(({ name }) => name));
  const isKey = (value: RecordValue) => delegated.has(value.name) || isKeyRecord(value);
  const sorted: DomainValues = { going: [], keys: [], staying: [] };
  for (const value of values) {
    if (isOfServer(value, { names, domain: domain.name })) sorted.staying.push(value);
    else if (isKey(value)) sorted.keys.push(value);
    else sorted.going.push(value);
  }
  return sorted;
}

/** Whether a record is a DKIM key or the way to one, by its name or by its own word. */
export function isKeyRecord({ name, type, value }: RecordValue): boolean {
  return name.split(".").includes("_domainkey") || (type === "TXT" && isDkimKey(value));
}

const addressTypes = ["A", "AAAA", "SSHFP", "CAA"];

/** A server's own name has records that it needs whatever it serves: addresses, keys, and how it greets (HELO). */
function isOfServer(
  { name, type }: RecordValue,
  { names, domain }: { names: ReadonlySet<string>; domain: string },
): boolean {
  // Only the server's own names may be a domain's as well, and then mail records under them go.
  if (names.has(name)) return name !== domain || addressTypes.includes(type);
  const service = /^(?:_\d+\._tcp|_acme-challenge)\.(.+)$/.exec(name)?.[1];
  return service !== undefined && names.has(service);
}
