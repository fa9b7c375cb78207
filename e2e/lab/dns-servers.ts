import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type AddressPair,
  authorityAddress,
  defaultHostDomain,
  gatewayAddress,
  resolverAddress,
  reverseZones,
} from "./addresses.ts";
import { apiKey, dnsApiPort, LabDns } from "./dns-client.ts";
import type { LabNamespace } from "./namespace.ts";
import { openUnixDoor } from "./relays.ts";
import { waitFor } from "./wait-for.ts";

export interface DnsServersInput {
  readonly namespace: LabNamespace;
  /** The lab's infrastructure system, as seen inside the lab. */
  readonly root: string;
  /** The lab's folder on this machine, seen from both sides. */
  readonly folder: string;
}

/**
 * Starts PowerDNS with a signed root of its own, and unbound, which validates against that root: answers carry
 * AD as on the real Internet, unknown names do not exist, and no question leaves the lab.
 */
export async function startDnsServers(input: DnsServersInput): Promise<LabDns> {
  await startAuthority(input);
  const socketPath = join(input.folder, "dns-api.sock");
  await openUnixDoor(input.namespace, { socketPath, address: authorityAddress.ipv4, port: dnsApiPort });
  const dns = new LabDns(socketPath);
  await waitFor("the lab's DNS authority", async () => (await dns.zones()).length === 0, { intervalMs: 20 });
  await addFirstZones(dns);
  await startResolver(input, await dns.delegationSigners("."));
  return dns;
}

async function addFirstZones(dns: LabDns): Promise<void> {
  await dns.addZone(".", []);
  await dns.addZone("lab", [
    { name: "ns.lab", type: "A", records: [authorityAddress.ipv4] },
    { name: "ns.lab", type: "AAAA", records: [authorityAddress.ipv6] },
    { name: "control.lab", type: "A", records: [gatewayAddress.ipv4] },
    { name: "control.lab", type: "AAAA", records: [gatewayAddress.ipv6] },
  ]);
  for (const zone of [...reverseZones, defaultHostDomain]) await dns.addZone(zone);
}

const authorityConfig = `launch=gsqlite3
gsqlite3-database=/var/lib/powerdns/lab.sqlite3
gsqlite3-dnssec=yes
gsqlite3-pragma-synchronous=0
local-address=${authorityAddress.ipv4},${authorityAddress.ipv6}
socket-dir=/run/pdns
setuid=
setgid=
api=yes
api-key=${apiKey}
webserver=yes
webserver-address=${authorityAddress.ipv4}
webserver-port=${dnsApiPort}
webserver-allow-from=0.0.0.0/0,::/0
dnsupdate=yes
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
zone-cache-refresh-interval=0
security-poll-suffix=
default-soa-content=ns.lab. hostmaster.lab. 0 60 60 604800 1
receiver-threads=1
distributor-threads=1
loglevel=4
`;

async function startAuthority(input: DnsServersInput): Promise<void> {
  const { namespace, root } = input;
  const outside = namespace.path(root);
  await mkdir(join(outside, "run/pdns"), { recursive: true });
  const chroot = ["chroot", root];
  const schema = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql";
  await namespace.must([...chroot, "sqlite3", "/var/lib/powerdns/lab.sqlite3", `.read ${schema}`]);
  await writeFile(join(outside, "etc/powerdns/pdns-lab.conf"), authorityConfig);
  namespace.start([...chroot, "pdns_server", "--config-name=lab", "--daemon=no", "--guardian=no"]);
}

/** The lab's own resolver, whose memory is so short that a test sees its change at once. */
async function startResolver(input: DnsServersInput, rootSigners: readonly string[]): Promise<void> {
  const outside = input.namespace.path(input.root);
  const { hints, key } = rootFiles(rootSigners);
  await writeFile(join(outside, "etc/unbound/lab-root.hints"), hints);
  await writeFile(join(outside, "etc/unbound/lab-root.key"), key);
  await startUnbound(input, { name: "lab", address: resolverAddress, memory: shortMemory.join("\n  ") });
}

/** Settings of unbound with which a test sees its change at once. */
const shortMemory = ["cache-max-ttl: 5", "cache-max-negative-ttl: 1", "infra-host-ttl: 1"] as const;

// Reverse zones of addresses that no real network has; unbound knows better than to ask for them.
const documentationZones = [
  'local-zone: "100.51.198.in-addr.arpa." nodefault',
  'local-zone: "8.b.d.0.1.0.0.2.ip6.arpa." nodefault',
] as const;

/** Where the lab's root is asked, and by which keys it is known, in the form of Debian's dns-root-data. */
function rootFiles(rootSigners: readonly string[]): { hints: string; key: string } {
  return {
    hints: `. 60 IN NS ns.lab.\nns.lab. 60 IN A ${authorityAddress.ipv4}\nns.lab. 60 IN AAAA ${authorityAddress.ipv6}\n`,
    key: rootSigners.map((signer) => `. 60 IN DS ${signer}\n`).join(""),
  };
}

/**
 * Files that give a host the lab's root in the place of the world's, and that have a validating resolver of the host's
 * own answer for the lab's addresses and forget soon.
 */
export async function hostRootFiles(dns: LabDns): Promise<Readonly<Record<string, string>>> {
  const { hints, key } = rootFiles(await dns.delegationSigners("."));
  return {
    "usr/share/dns/root.hints": hints,
    "usr/share/dns/root.key": key,
    "etc/unbound/mailstead.conf.d/lab.conf": `server:\n  ${[...shortMemory, ...documentationZones].join("\n  ")}\n`,
  };
}

/**
 * Starts a further resolver at an address of its own. It remembers what there is, and what there is not, for as long
 * as the answers themselves say, as the resolvers of receivers do.
 */
export async function startCachingResolver(
  input: Pick<DnsServersInput, "namespace" | "root">,
  { name, address }: { name: string; address: AddressPair },
): Promise<void> {
  const { ipv4, ipv6 } = address;
  await input.namespace.must(["ip", "-batch", "-"], {
    input: `addr add ${ipv4}/24 dev lab0\naddr add ${ipv6}/64 dev lab0 nodad\n`,
  });
  await startUnbound(input, { name, address, memory: "" });
}

async function startUnbound(
  { namespace, root }: Pick<DnsServersInput, "namespace" | "root">,
  { name, address, memory }: { name: string; address: AddressPair; memory: string },
): Promise<void> {
  const config = `server:
  interface: ${address.ipv4}
  interface: ${address.ipv6}
  access-control: 0.0.0.0/0 allow
  access-control: ::/0 allow
  username: ""
  chroot: ""
  directory: "/etc/unbound"
  pidfile: ""
  use-syslog: no
  do-daemonize: no
  num-threads: 1
  module-config: "validator iterator"
  root-hints: "/etc/unbound/lab-root.hints"
  trust-anchor-file: "/etc/unbound/lab-root.key"
  ${memory}
  qname-minimisation: yes
  ${documentationZones.join("\n  ")}
remote-control:
  control-enable: no
`;
  await writeFile(join(namespace.path(root), `etc/unbound/${name}.conf`), config);
  namespace.start(["chroot", root, "unbound", "-c", `/etc/unbound/${name}.conf`]);
  await waitFor(
    `the DNS resolver ${name}`,
    async () => {
      const dig = ["chroot", root, "dig", "+time=1", "+tries=1", "+dnssec", `@${address.ipv4}`];
      const { stdout } = await namespace.run([...dig, "ns.lab", "A"]);
      return /flags:[^;]* ad[ ;]/.test(stdout);
    },
    { intervalMs: 30 },
  );
}
