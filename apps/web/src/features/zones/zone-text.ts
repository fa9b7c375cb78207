import { renderZoneFile } from "@mailstead/core/zones";

interface ShownZone {
  name: string;
  createdAt: Date;
  servers: readonly { nameServer: string; addresses: readonly string[] }[];
  records: Parameters<typeof renderZoneFile>[0]["records"];
}

/** A hosted zone as a file that other name servers read; its serial is only a beginning, because Knot counts its own. */
export function zoneTextOf({ name, createdAt, servers, records }: ShownZone): string {
  return renderZoneFile({
    name,
    serial: Math.floor(createdAt.getTime() / 1000),
    nameServers: servers.map(({ nameServer, addresses }) => ({ name: nameServer, addresses })),
    records,
  });
}

/** A name as it is written within a zone: "@" for the zone itself. */
export function nameWithin(zone: string, name: string): string {
  if (name === zone) return "@";
  return name.endsWith(`.${zone}`) ? name.slice(0, -zone.length - 1) : name;
}
