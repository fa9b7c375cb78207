import type { HostedZone } from "./hosted-zone.ts";
import { isUnknownType } from "./unknown-record.ts";
import { isInZone, type ZoneRecord } from "./zone-record.ts";

// RFC 1912 §2.2 in seconds. The expiry stays below the least time that a signature is still valid for, so that a
// secondary whose primary is gone stops answering before its answers turn bogus. Negative answers are short, because a
// new record waits for them.
const soaTimes = { refresh: 3600, retry: 900, expire: 1_209_600, minimum: 300 };
const soaTtlSeconds = 3600;
const nameServerTtlSeconds = 86_400;
const addressTtlSeconds = 3600;

/**
 * The zone as the text of its file (RFC 1035 §5.1): every name absolute, every record on a line of its own, always in
 * the same order. No value can leave its line, whatever it holds.
 */
export function renderZoneFile(zone: HostedZone): string {
  const lines = [
    soaLine(zone),
    ...zone.nameServers.map((server) => line({ ...apex(zone), type: "NS", data: `${server.name}.` })),
    ...recordLines(withAddresses(zone)),
  ];
  return lines.map((text) => `${text}\n`).join("");
}

const apex = ({ name }: HostedZone) => ({ name, ttlSeconds: nameServerTtlSeconds });

function soaLine({ name, serial, nameServers }: HostedZone): string {
  const { refresh, retry, expire, minimum } = soaTimes;
  const primary = nameServers[0]?.name ?? name;
  return line({
    name,
    ttlSeconds: soaTtlSeconds,
    type: "SOA",
    data: `${primary}. hostmaster.${name}. ${serial} ${refresh} ${retry} ${expire} ${minimum}`,
  });
}

/** The records, and the addresses of the name servers that lie in the zone. */
function withAddresses({ name, nameServers, records }: HostedZone): ZoneRecord[] {
  const addresses = nameServers
    .filter((server) => isInZone(server.name, name))
    .flatMap((server) =>
      server.addresses.map((address): ZoneRecord => {
        const type = address.includes(":") ? "AAAA" : "A";
        return { name: server.name, type, ttlSeconds: addressTtlSeconds, value: address };
      }),
    );
  return [...addresses, ...records];
}

function recordLines(records: readonly ZoneRecord[]): string[] {
  // All records of a name and type have one time to live (RFC 2181 §5.2): the shortest.
  const sets = Map.groupBy(records, ({ name, type }) => `${sortKey(name)} ${type}`);
  return [...sets]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([, set]) => {
      const ttlSeconds = Math.min(...set.map((record) => record.ttlSeconds));
      const lines = set.map((record) => line({ ...record, ttlSeconds, data: dataOf(record) }));
      return [...new Set(lines)].sort();
    });
}

/** Orders names so that what belongs together stands together: the labels from the right. */
function sortKey(name: string): string {
  return name.split(".").reverse().join(".");
}

function line({
  name,
  ttlSeconds,
  type,
  data,
}: {
  name: string;
  ttlSeconds: number;
  type: string;
  data: string;
}) {
  return `${name}. ${ttlSeconds} IN ${type} ${data}`;
}

function dataOf({ type, value }: ZoneRecord): string {
  if (isUnknownType(type)) return value;
  switch (type) {
    case "HTTPS":
    case "SVCB":
      return value.replace(
        /^(\d+) (\S+)/,
        (_, priority: string, name: string) => `${priority} ${withDot(name)}`,
      );
    case "NAPTR":
      return value.replace(/\S+$/, withDot);
    case "TXT":
      return characterStringsOf(value).map(quoted).join(" ");
    case "CNAME":
    case "MX":
    case "NS":
    case "PTR":
    case "SRV":
      return withDot(value);
    case "A":
    case "AAAA":
    case "CAA":
    case "DS":
    case "OPENPGPKEY":
    case "SMIMEA":
    case "SSHFP":
    case "TLSA":
      return value;
  }
}

function withDot(name: string): string {
  return name.endsWith(".") ? name : `${name}.`;
}

/** The strings of a TXT, each of at most 255 octets (RFC 1035 §3.3); one character of them stands for one octet sent. */
function characterStringsOf(value: string): string[] {
  const octets = encodeURIComponent(value.toWellFormed()).replace(/%([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return octets.match(/.{1,255}/gs) ?? [""];
}

/** In quotation marks; what is not printable ASCII is written as \DDD (RFC 1035 §5.1). */
function quoted(octets: string): string {
  const escaped = octets
    .replace(/["\\]/g, "\\$&")
    .replace(/[^\x20-\x7e]/g, (octet) => `\\${String(octet.charCodeAt(0)).padStart(3, "0")}`);
  return `"${escaped}"`;
}
