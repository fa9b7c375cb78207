import { stackPackages, webPackages } from "@mailstead/core/mail-flow";

/** What a Debian host that was just rented carries besides the required system: no mail software of any kind. */
export const vpsPackages: readonly string[] = [
  "ca-certificates",
  "cron",
  "curl",
  "dbus",
  "iproute2",
  "iputils-ping",
  "kmod",
  "less",
  "logrotate",
  "netbase",
  "openssh-server",
  "procps",
  "sudo",
  "systemd",
  "systemd-sysv",
  "tzdata",
  "xz-utils",
];

/** What the product installs on a server, and what is handy to look at it. */
export const stackImagePackages: readonly string[] = [...stackPackages, ...webPackages, "sqlite3"];

/** Units of the stack. They are off in a stack image, so that port 25 is as free there as on a clean host. */
export const stackUnits: readonly string[] = [
  "dovecot.service",
  "fail2ban.service",
  "nginx.service",
  "postfix-mta-sts-resolver.service",
  "postfix.service",
  "postsrsd.service",
  "redis-server.service",
  "rspamd.service",
  "unbound.service",
];

/**
 * Has Rspamd compile its expressions, which takes a quarter of a minute of computing and is the same on each host. What
 * else its start leaves is thrown away.
 */
export const compileExpressions = `install -d -o _rspamd -g _rspamd /run/rspamd
rspamd -f -u _rspamd -g _rspamd >/dev/null 2>&1 &
has_compiled() { grep -q 'to the hyperscan tree' /var/log/rspamd/rspamd.log 2>/dev/null; }
for _ in $(seq 600); do if has_compiled; then break; fi; sleep 0.5; done
has_compiled || { echo "Rspamd has compiled no expressions." >&2; exit 1; }
kill $! && wait $! || true
find /var/lib/rspamd ! -type d ! -name '*.hs*' -delete
rm -f /var/log/rspamd/*
`;

/** What the lab itself runs beside the hosts: DNS and the tools that look at hosts from outside. */
export const infraPackages: readonly string[] = [
  "bind9-dnsutils",
  "curl",
  "knot",
  "nftables",
  "openssl",
  "pdns-backend-sqlite3",
  "pdns-server",
  "pebble",
  "sqlite3",
  "swaks",
  "libauthen-sasl-perl",
  "libnet-dns-perl",
  "libnet-ssleay-perl",
  "unbound",
];
