import type { RenderedFile } from "../../converge/index.ts";
import type { TargetDns, TargetZone } from "../../servers/index.ts";
import { renderZoneFile, zoneProblem } from "../../zones/index.ts";
import type { HostSettings } from "../host-settings.ts";
import { oneWord } from "../one-line.ts";
import { RenderError } from "../render-error.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";
import { stackPaths } from "../stack-paths.ts";
import { resolverAddress } from "./resolver.ts";

export const knotUnit = "knot.service";

/** Packages of the name server and of the check of its zone files; only hosts that serve zones have them. */
export const knotPackages = ["knot", "knot-dnssecutils"] as const;

/** A zone with its opened transfer secret. */
export type DnsZone = TargetZone & { secret: string };

export interface DnsSettings {
  listenAddresses: readonly string[];
  zones: readonly DnsZone[];
}

/**
 * Opens the transfer secrets and checks every zone as a whole. Throws RenderError with a sentence when records
 * contradict each other or when zones are to be served on no address.
 */
export function readDnsSettings(
  dns: TargetDns,
  openSecret: (secret: { box: string }) => string,
): DnsSettings {
  const names = new Set<string>();
  for (const zone of dns.zones) {
    if (names.has(zone.name)) throw new RenderError(`The zone ${zone.name} stands twice on this server.`);
    names.add(zone.name);
    const problem = zone.role === "primary" ? zoneProblem(zone) : null;
    if (problem !== null) throw new RenderError(problem);
  }
  if (dns.zones.length > 0 && dns.listenAddresses.length === 0)
    throw new RenderError(
      "This server has no public address yet, so it can answer for no zone; wait until its agent has reported one.",
    );
  return {
    listenAddresses: dns.listenAddresses,
    zones: dns.zones.map((zone) => ({ ...zone, secret: readSecret(zone, openSecret(zone.transferSecret)) })),
  };
}

function readSecret({ name }: TargetZone, secret: string): string {
  if (/["\\]/.test(secret)) throw new RenderError(`The transfer secret of ${name} holds a quotation mark.`);
  return oneWord(secret, `The transfer secret of ${name}`);
}

/**
 * Knot as an authoritative server and nothing else: it answers for its zones on the public addresses, limits how much
 * it answers to whom, does not tell its version, and hands a zone only to the one who knows its secret.
 */
export function renderKnot({ dns, suite }: HostSettings): readonly RenderedFile[] {
  if (dns.zones.length === 0) return [];
  const zones = dns.zones.toSorted((left, right) => (left.name < right.name ? -1 : 1));
  return [
    stackFile("knot", stackPaths.knotConf, { content: knotConf({ ...dns, zones }, suite) }),
    stackFile("knot", stackPaths.knotKeys, {
      content: `${fileNotice}key:\n${zones.map(keyEntry).join("")}`,
      owner: "knot",
      group: "knot",
      mode: 0o600,
      isSecret: true,
    }),
    ...zones.flatMap((zone) =>
      zone.role === "primary"
        ? [stackFile("knot", zoneFilePath(zone.name), { content: zoneNotice + renderZoneFile(zone) })]
        : [],
    ),
  ];
}

// Comments of zone files begin with a semicolon.
const zoneNotice = "; Written by Mailstead. Change the records of this zone in the dashboard.\n";

/** The file of a zone that this host is the primary of. */
export function zoneFilePath(zone: string): string {
  return `${stackPaths.knotZones}/${zone}.zone`;
}

/**
 * Who is asked whether the zone above shows the DS record of a new key, upon which the old one goes by itself: the
 * host's own validating resolver. No zone has such a name.
 */
const parentId = "_parent";

function knotConf({ listenAddresses, zones }: DnsSettings, suite: HostSettings["suite"]): string {
  return `${fileNotice}server:
    rundir: "/run/knot"
    user: knot:knot
    listen: ${list(listenAddresses.map((address) => `${address}@53`))}
    automatic-acl: off
    identity: ""
    version: ""
    nsid: ""

log:
  - target: syslog
    any: info

database:
    storage: "${stackPaths.knotState}"

include: "${stackPaths.knotKeys}"

mod-rrl:
  - id: "mailstead"
${rateLimit[suite]}
remote:
  - id: "${parentId}"
    address: "${resolverAddress}@53"
${zones.map(remoteEntry).join("")}
submission:
  - id: "mailstead"
    parent: "${parentId}"
    check-interval: 1h

policy:
  - id: "mailstead"
    algorithm: ecdsap256sha256
    ksk-lifetime: 0
    ksk-submission: "mailstead"
    zsk-lifetime: 30d
    propagation-delay: 1d
    rrsig-lifetime: 30d
    rrsig-refresh: 15d
    nsec3: off
    cds-cdnskey-publish: always

acl:
${zones.map(aclEntry).join("")}
template:
  - id: default
    storage: "${stackPaths.knotState}"
    global-module: "mod-rrl/mailstead"
    zonefile-sync: -1
    journal-content: all

zone:
${zones.map(zoneEntry).join("")}`;
}

// What one network may ask within a second before it gets truncated answers, which bring honest resolvers back over TCP.
// From 3.4 on Knot counts bursts apart from what lasts.
const rateLimit: Readonly<Record<HostSettings["suite"], string>> = {
  bookworm: "    rate-limit: 200\n    slip: 2\n",
  trixie: "    instant-limit: 400\n    rate-limit: 200\n    slip: 2\n",
};

function keyEntry({ name, secret }: DnsZone): string {
  return `  - id: "${name}"\n    algorithm: hmac-sha256\n    secret: "${secret}"\n`;
}

function remoteEntry({ name, peerAddresses }: DnsZone): string {
  return `  - id: "${name}"\n    address: ${list(peerAddresses.map((address) => `${address}@53`))}\n    key: "${name}"\n`;
}

function aclEntry({ name, role }: DnsZone): string {
  return `  - id: "${name}"\n    key: "${name}"\n    action: ${role === "primary" ? "transfer" : "notify"}\n`;
}

function zoneEntry(zone: DnsZone): string {
  const { name } = zone;
  const acl = `    acl: "${name}"\n`;
  // Its signatures and serials are Knot's own, so the file is only what it compares with: it is never written back, and
  // each change of it becomes the next version.
  return zone.role === "primary"
    ? `  - domain: "${name}"
    file: "${zoneFilePath(name)}"
    zonefile-load: difference-no-serial
    serial-policy: unixtime
    semantic-checks: on
    dnssec-signing: on
    dnssec-policy: "mailstead"
    notify: "${name}"
${acl}`
    : `  - domain: "${name}"
    zonefile-load: none
    master: "${name}"
${acl}`;
}

function list(entries: readonly string[]): string {
  return `[ ${entries.map((entry) => `"${entry}"`).join(", ")} ]`;
}
