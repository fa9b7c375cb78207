import type { RenderedFile } from "../../converge/index.ts";
import type { HostSettings } from "../host-settings.ts";
import { oneWord } from "../one-line.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";
import { stackPaths } from "../stack-paths.ts";

/** The unit of the mail server's own DNS resolver. */
export const resolverUnit = "mailstead-resolver.service";

/** Sees to it that Postfix goes on asking that resolver when somebody replaces /etc/resolv.conf. */
export const resolverWatchUnit = "mailstead-postfix-dns.path";

/** The root's addresses and keys come apart from the program, which only recommends them. */
export const resolverPackages = ["dns-root-data", "unbound"] as const;

/** Debian's unit of the same program would answer on the address that other resolvers of the host have. */
export const resolverPackageUnits = [{ unit: "unbound.service", broughtBy: "unbound" }] as const;

/**
 * An address of loopback that no other program of Debian takes by itself: systemd-resolved has 127.0.0.53 and .54,
 * dnsmasq and BIND 127.0.0.1. The port has to be 53, because resolv.conf names no other.
 */
export const resolverAddress = "127.0.0.55";

/** Keeps the resolver small: what one mail server asks for again within an hour fits many times over. */
const caches = { messages: "4m", records: "8m", keys: "2m", denials: "1m" } as const;

/**
 * A resolver of the mail server's own, on loopback only, which asks the world's name servers itself and validates what
 * they say (RFC 4035): Postfix may believe its AD bit, as DANE needs (RFC 7672 §2.1), and block lists answer it, as they
 * do not answer a provider's. The rest of the host keeps the resolver that it has.
 */
export function renderResolver({ stack }: Pick<HostSettings, "stack">): readonly RenderedFile[] {
  const file = (path: string, content: string, mode = 0o644) =>
    stackFile("resolver", path, { content, mode });
  return [
    file(stackPaths.resolverConf, resolverConf + forwardZone(stack.dnsForwarders)),
    file(stackPaths.resolvConf, `${fileNotice}nameserver ${resolverAddress}\noptions edns0 trust-ad\n`),
    file(`/etc/systemd/system/${resolverUnit}`, resolverUnitText),
  ];
}

const resolverConf = `${fileNotice}server:
    directory: "/etc/unbound"
    chroot: ""
    username: ""
    pidfile: ""
    do-daemonize: no
    use-syslog: no
    verbosity: 1
    val-log-level: 1
    interface: ${resolverAddress}
    access-control: 127.0.0.0/8 allow
    hide-identity: yes
    hide-version: yes
    module-config: "validator iterator"
    root-hints: "/usr/share/dns/root.hints"
    auto-trust-anchor-file: "${stackPaths.resolverAnchor}"
    aggressive-nsec: no
    prefetch: yes
    num-threads: 1
    outgoing-range: 512
    num-queries-per-thread: 256
    msg-cache-slabs: 1
    rrset-cache-slabs: 1
    key-cache-slabs: 1
    infra-cache-slabs: 1
    msg-cache-size: ${caches.messages}
    rrset-cache-size: ${caches.records}
    key-cache-size: ${caches.keys}
    neg-cache-size: ${caches.denials}

remote-control:
    control-enable: no

# The owner's own.
include: "${stackPaths.resolverOwnFiles}/*.conf"
`;

/** Stands after the owner's files: of two zones with one name Unbound takes the first, and what is on the host wins. */
function forwardZone(forwarders: readonly string[]): string {
  if (forwarders.length === 0) return "";
  const lines = forwarders.map((address) => `    forward-addr: ${oneWord(address, "A resolver")}\n`);
  return `
# The world's name servers are asked through these; what they say is validated all the same.
forward-zone:
    name: "."
${lines.join("")}`;
}

// The anchor is the package's at first, and then whatever the root's operators roll it to (RFC 5011). A host that was
// off for long takes the package's again.
const resolverUnitText = `${fileNotice}[Unit]
Description=Validating DNS resolver of the mail server
Documentation=man:unbound.conf(5)
After=network.target
Before=postfix.service postfix@-.service rspamd.service
StartLimitIntervalSec=0

[Service]
Type=notify
User=unbound
Group=unbound
ExecStartPre=/bin/sh -c '[ -s ${stackPaths.resolverAnchor} ] && [ ! /usr/share/dns/root.key -nt ${stackPaths.resolverAnchor} ] || cp --remove-destination /usr/share/dns/root.key ${stackPaths.resolverAnchor}'
ExecStart=/usr/sbin/unbound -d -p -c ${stackPaths.resolverConf}
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=2
AmbientCapabilities=CAP_NET_BIND_SERVICE
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=/var/lib/unbound
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
LimitNOFILE=4096

[Install]
WantedBy=multi-user.target
`;

/**
 * Postfix sees our resolv.conf in the place of the host's. A program that replaces that file, as DHCP clients do, takes
 * ours away from every process that had it there, so it is put back when that happens.
 */
export function renderResolverWatch(postfixUnit: string): readonly RenderedFile[] {
  const unit = resolverWatchUnit.replace(".path", ".service");
  return [
    stackFile("system", stackPaths.postfixDns, { content: postfixDnsProgram(postfixUnit), mode: 0o755 }),
    stackFile("system", `/etc/systemd/system/${unit}`, {
      content: `${fileNotice}[Unit]
Description=Have Postfix ask the mail server's own resolver

[Service]
Type=oneshot
ExecStart=${stackPaths.postfixDns}
`,
    }),
    stackFile("system", `/etc/systemd/system/${resolverWatchUnit}`, {
      content: `${fileNotice}[Unit]
Description=Watch over the resolver that Postfix asks
StartLimitIntervalSec=0

[Path]
PathChanged=/etc/resolv.conf
Unit=${unit}

[Install]
WantedBy=multi-user.target
`,
    }),
  ];
}

// A Postfix that shares the host's view of the files must be started anew: a mount there would be one for everybody.
const postfixDnsProgram = (postfixUnit: string): string => `#!/bin/sh
${fileNotice}set -eu
read -r pid </var/spool/postfix/pid/master.pid || exit 0
[ -d "/proc/$pid" ] || exit 0
if [ "$(readlink "/proc/$pid/ns/mnt")" = "$(readlink /proc/1/ns/mnt)" ]; then
  exec systemctl try-restart ${postfixUnit}
fi
in_postfix() { nsenter --mount --target "$pid" -- "$@"; }
in_postfix cmp -s ${stackPaths.resolvConf} /etc/resolv.conf || in_postfix mount --bind ${stackPaths.resolvConf} /etc/resolv.conf
`;
