import type { RenderedDkimKey, RenderedFolder, RenderedStack } from "../converge/index.ts";
import type { TargetState } from "../servers/index.ts";
import { isAtHome } from "./domain-shares.ts";
import { renderDovecot } from "./dovecot/index.ts";
import { renderBans } from "./host/bans.ts";
import { renderClamav } from "./host/clamav.ts";
import { renderFail2ban } from "./host/fail2ban.ts";
import { knotPackages, knotUnit, renderKnot } from "./host/knot.ts";
import { renderPostsrsd } from "./host/postsrsd.ts";
import { renderRedis } from "./host/redis-conf.ts";
import {
  renderResolver,
  renderResolverWatch,
  resolverPackages,
  resolverPackageUnits,
} from "./host/resolver.ts";
import { postfixUnit, renderUnitDropIns, stackUnits } from "./host/stack-units.ts";
import { renderDanePolicies, renderTlsPolicies, tlsPolicyPackages } from "./host/tls-policies.ts";
import { type RenderHost, readHostSettings } from "./host-settings.ts";
import { renderCertificates, renderTlsKeys } from "./installed-certificates.ts";
import { renderPostfix } from "./postfix/index.ts";
import { dkimKeyMapPath } from "./rspamd/dkim-key-map.ts";
import { renderRspamd } from "./rspamd/rspamd-files.ts";
import { dkimKeyPath, mailUser, reportUser, stackPaths } from "./stack-paths.ts";
import { pageFolder, renderWeb } from "./web/index.ts";

/**
 * Everything that a target state means on a host: packages, files, keys and units. The dashboard's preview and the
 * agent's converge run this same function. Throws RenderError, with a sentence for the operator, when a value cannot
 * be written without changing the meaning of its file.
 */
export function renderStack(target: TargetState, host: RenderHost): RenderedStack {
  const settings = readHostSettings(target, host);
  const hostsZones = settings.dns.zones.length > 0;
  return {
    packages: [
      ...stackPackages,
      ...(settings.web.isEnabled ? webPackages : []),
      ...(settings.stack.hasVirusScan ? virusScanPackages : []),
      ...(hostsZones ? knotPackages : []),
    ],
    systemUsers: [mailUser, reportUser],
    folders: [
      ...stackFolders,
      ...(settings.web.isEnabled ? webFolders : []),
      ...(hostsZones ? [rootFolder(stackPaths.knotZones)] : []),
    ],
    files: [
      ...renderResolver(settings),
      renderDanePolicies(),
      ...renderResolverWatch(postfixUnit(settings)),
      ...renderTlsPolicies(),
      ...renderUnitDropIns(settings),
      ...renderBans(settings),
      renderRedis(),
      ...renderClamav(settings),
      ...renderRspamd(settings, target.domains),
      renderPostsrsd(settings),
      ...renderDovecot(settings),
      ...renderPostfix(settings),
      ...renderFail2ban(settings),
      ...renderWeb(settings, target.domains.filter(isAtHome)),
      ...renderKnot(settings),
    ],
    dkimKeys: target.domains.flatMap((domain) =>
      domain.dkimKeys.map(
        ({ selector, algorithm }): RenderedDkimKey => ({
          domain: domain.name,
          selector,
          algorithm,
          path: dkimKeyPath(domain.name, selector),
        }),
      ),
    ),
    signedZones: settings.dns.zones.flatMap(({ role, name }) => (role === "primary" ? [name] : [])),
    destroyedDkimKeys: renderDestroyedKeys(target),
    signingKeyMap: dkimKeyMapPath,
    certificate: {
      hostname: settings.hostname,
      certificatePath: stackPaths.certificate,
      keyPath: stackPaths.certificateKey,
    },
    tlsKeys: renderTlsKeys(target),
    certificates: renderCertificates(target),
    directoryDatabase: {
      path: stackPaths.directoryDatabase,
      owner: "root",
      // Postfix drops every group but its own, so the file must belong to that one; Dovecot's reader joins it.
      group: "postfix",
      mode: 0o640,
    },
    units: stackUnits(settings),
    unwantedUnits: resolverPackageUnits,
    maskedUnits: [
      ...(settings.stack.hasVirusScan ? [] : virusScanUnits),
      // A name server that Mailstead never set up is somebody else's and runs on.
      ...(target.dns.hasServed && !hostsZones ? [knotUnit] : []),
    ],
    retiredUnits: settings.web.isEnabled ? [] : [{ unit: "nginx.service", service: "nginx" }],
  };
}

/** A key that is wanted is never destroyed, whatever else a target state says of it. */
function renderDestroyedKeys({
  domains,
  destroyedKeys = [],
}: TargetState): RenderedStack["destroyedDkimKeys"] {
  const wanted = new Set(
    domains.flatMap(({ name, dkimKeys }) => dkimKeys.map(({ selector }) => dkimKeyPath(name, selector))),
  );
  const named = [
    ...domains.flatMap(({ name, destroyedSelectors = [] }) =>
      destroyedSelectors.map((selector) => ({ domain: name, selector })),
    ),
    ...destroyedKeys,
  ];
  const byPath = new Map(
    named.map(({ domain, selector }) => [dkimKeyPath(domain, selector), { domain, selector }]),
  );
  return [...byPath].filter(([path]) => !wanted.has(path)).map(([path, key]) => ({ ...key, path }));
}

/** Debian packages of the stack, without which nothing of it runs. */
export const stackPackages = [
  "ca-certificates",
  "dovecot-core",
  "dovecot-imapd",
  "dovecot-lmtpd",
  "dovecot-managesieved",
  "dovecot-sieve",
  "dovecot-sqlite",
  "fail2ban",
  // Mechanisms with which Postfix signs in at a smarthost.
  "libsasl2-modules",
  "nftables",
  "postfix",
  "postfix-sqlite",
  "postsrsd",
  // With it fail2ban reads the journal.
  "python3-systemd",
  "redis-server",
  "rspamd",
  ...resolverPackages,
  ...tlsPolicyPackages,
] as const;

/** Without any module of its own, which would bring some megabytes for nothing. */
export const webPackages = ["nginx"] as const;

export const virusScanPackages = ["clamav-daemon", "clamav-freshclam"] as const;

// The socket would start the daemon again.
const virusScanUnits = ["clamav-daemon.socket", "clamav-daemon.service", "clamav-freshclam.service"] as const;

const rootFolder = (path: string, mode = 0o755): RenderedFolder => ({
  path,
  owner: "root",
  group: "root",
  mode,
});

const webFolders = [stackPaths.nginx, stackPaths.nginxSites, pageFolder].map((path) => rootFolder(path));

const stackFolders: readonly RenderedFolder[] = [
  { path: stackPaths.mailboxes, owner: mailUser.name, group: mailUser.name, mode: 0o700 },
  { path: reportUser.home, owner: reportUser.name, group: reportUser.name, mode: 0o700 },
  { path: stackPaths.directory, owner: "root", group: "postfix", mode: 0o750 },
  { path: stackPaths.dkimKeys, owner: "root", group: "_rspamd", mode: 0o750 },
  { path: stackPaths.verdicts, owner: "_rspamd", group: "_rspamd", mode: 0o750 },
  { path: stackPaths.sieveBinaries, owner: mailUser.name, group: mailUser.name, mode: 0o755 },
  rootFolder(stackPaths.tls),
  rootFolder(stackPaths.certificateVersions),
  rootFolder(stackPaths.tlsKeys, 0o700),
  rootFolder(stackPaths.postfixTables),
  rootFolder(stackPaths.dovecotSieve),
  rootFolder(stackPaths.programs),
  rootFolder(stackPaths.sievePrograms),
  rootFolder(stackPaths.rspamdMaps),
  rootFolder(stackPaths.resolverOwnFiles),
];
