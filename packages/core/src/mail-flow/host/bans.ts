import type { RenderedFile } from "../../converge/index.ts";
import type { HostSettings } from "../host-settings.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";
import { stackPaths } from "../stack-paths.ts";

/** The unit that loads the lasting bans. */
export const bansUnit = "mailstead-bans.service";

/**
 * Addresses that are always refused, as an nftables table of its own, loaded in one transaction. It comes before the
 * tables of fail2ban, and loopback, the exempt and answers to what the host itself asked never reach the drop, so that
 * no list can cut the agent off.
 */
export function renderBans(settings: HostSettings): readonly RenderedFile[] {
  const { alwaysBanned, neverBanned } = settings.stack;
  const sets = [
    setOf("banned4", "ipv4_addr", alwaysBanned.filter(isIpv4)),
    setOf(
      "banned6",
      "ipv6_addr",
      alwaysBanned.filter((network) => !isIpv4(network)),
    ),
    setOf("exempt4", "ipv4_addr", neverBanned.filter(isIpv4)),
    setOf(
      "exempt6",
      "ipv6_addr",
      neverBanned.filter((network) => !isIpv4(network)),
    ),
  ].join("");
  return [
    stackFile("system", stackPaths.bans, {
      content: `${fileNotice}table inet mailstead_bans
delete table inet mailstead_bans
table inet mailstead_bans {
${sets}  chain input {
    type filter hook input priority -20; policy accept;
    iif lo accept
    ct direction reply accept
    ip saddr @exempt4 accept
    ip6 saddr @exempt6 accept
    ip saddr @banned4 drop
    ip6 saddr @banned6 drop
  }
}
`,
    }),
    stackFile("system", `/etc/systemd/system/${bansUnit}`, {
      content: `${fileNotice}[Unit]
Description=Addresses that Mailstead always refuses
After=nftables.service
Before=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f ${stackPaths.bans}
ExecReload=/usr/sbin/nft -f ${stackPaths.bans}
ExecStop=-/usr/sbin/nft delete table inet mailstead_bans

[Install]
WantedBy=multi-user.target
`,
    }),
  ];
}

function isIpv4(network: string): boolean {
  return !network.includes(":");
}

function setOf(name: string, type: string, elements: readonly string[]): string {
  const list = elements.length > 0 ? `    elements = { ${elements.join(", ")} }\n` : "";
  return `  set ${name} {\n    type ${type}\n    flags interval\n    auto-merge\n${list}  }\n`;
}
