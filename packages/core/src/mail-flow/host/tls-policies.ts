import type { RenderedFile } from "../../converge/index.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";
import { stackPaths } from "../stack-paths.ts";
import { danePoliciesProgram } from "./dane-policies-program.ts";

export const danePoliciesUnit = "mailstead-dane-policies.service";
export const mtaStsUnit = "postfix-mta-sts-resolver.service";
export const tlsPolicyPackages = ["postfix-mta-sts-resolver"] as const;

/** The account that Debian's package makes. */
const account = "_mta-sts";

/**
 * Tables in which Postfix looks up how to speak TLS to a domain, in this order: a policy of MTA-STS must not take the
 * place of DANE (RFC 8461 §2), so who has DANE is never asked for one.
 */
export const tlsPolicyMaps = [
  `socketmap:unix:${stackPaths.danePoliciesSocket}:dane`,
  `socketmap:unix:${stackPaths.mtaStsSocket}:postfix`,
] as const;

/** Says for each domain whether DANE or MTA-STS binds what is sent there. */
export function renderTlsPolicies(): readonly RenderedFile[] {
  const file = (path: string, content: string, mode = 0o644) =>
    stackFile("tls-policies", path, { content, mode });
  return [
    file("/etc/mta-sts-daemon.yml", mtaStsConf),
    file(`/etc/systemd/system/${danePoliciesUnit}`, danePoliciesUnitText),
  ];
}

/** The program that says which domains have DANE; it also tests the resolver, so it comes with that. */
export function renderDanePolicies(): RenderedFile {
  return stackFile("resolver", stackPaths.danePolicies, { content: danePoliciesProgram, mode: 0o755 });
}

// Policies are fetched anew before they end, so that nobody who cuts the host off from them outlasts one (RFC 8461 §10.2).
const mtaStsConf = `${fileNotice}path: ${stackPaths.mtaStsSocket}
mode: 0666
shutdown_timeout: 5
cache:
  type: sqlite
  options:
    filename: /var/lib/mta-sts/cache.db
    threads: 1
proactive_policy_fetching:
  enabled: true
default_zone:
  strict_testing: false
  timeout: 4
`;

const danePoliciesUnitText = `${fileNotice}[Unit]
Description=Tell Postfix which domains have DANE
After=mailstead-resolver.service
Before=postfix.service postfix@-.service
StartLimitIntervalSec=0

[Service]
Type=notify
User=${account}
Group=${account}
RuntimeDirectory=mailstead-dane
ExecStart=${stackPaths.danePolicies}
Restart=always
RestartSec=2
CapabilityBoundingSet=
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
RestrictAddressFamilies=AF_INET AF_UNIX

[Install]
WantedBy=multi-user.target
`;
