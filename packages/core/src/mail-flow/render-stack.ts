import type { RenderedDkimKey, RenderedFolder, RenderedStack } from "../converge/index.ts";
import type { TargetState } from "../servers/index.ts";
import { renderDovecot } from "./dovecot/index.ts";
import { renderBans } from "./host/bans.ts";
import { renderClamav } from "./host/clamav.ts";
import { renderFail2ban } from "./host/fail2ban.ts";
import { renderPostsrsd } from "./host/postsrsd.ts";
import { renderRedis } from "./host/redis-conf.ts";
import { renderUnitDropIns, stackUnits } from "./host/stack-units.ts";
import { type RenderHost, readHostSettings } from "./host-settings.ts";
import { renderPostfix } from "./postfix/index.ts";
import { renderRspamd } from "./rspamd/rspamd-files.ts";
import { dkimKeyPath, mailUser, stackPaths } from "./stack-paths.ts";

/**
 * Everything that a target state means on a host: packages, files, keys and units. The dashboard's preview and the
 * agent's converge run this same function. Throws RenderError, with a sentence for the operator, when a value cannot
 * be written without changing the meaning of its file.
 */
export function renderStack(target: TargetState, host: RenderHost): RenderedStack {
  const settings = readHostSettings(target, host);
  return {
    packages: [...stackPackages, ...(settings.stack.hasVirusScan ? virusScanPackages : [])],
    systemUsers: [mailUser],
    folders: stackFolders,
    files: [
      ...renderUnitDropIns(settings),
      ...renderBans(settings),
      renderRedis(),
      ...renderClamav(settings),
      ...renderRspamd(settings, target.domains),
      renderPostsrsd(settings),
      ...renderDovecot(settings),
      ...renderPostfix(settings),
      ...renderFail2ban(settings),
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
    destroyedDkimKeys: target.domains.flatMap(({ name, dkimKeys, destroyedSelectors = [] }) =>
      destroyedSelectors
        // A key that is wanted is never destroyed, whatever else a target state says of it.
        .filter((selector) => !dkimKeys.some((key) => key.selector === selector))
        .map((selector) => ({ domain: name, selector, path: dkimKeyPath(name, selector) })),
    ),
    certificate: {
      hostname: settings.hostname,
      certificatePath: stackPaths.certificate,
      keyPath: stackPaths.certificateKey,
    },
    directoryDatabase: {
      path: stackPaths.directoryDatabase,
      owner: "root",
      // Postfix drops every group but its own, so the file must belong to that one; Dovecot's reader joins it.
      group: "postfix",
      mode: 0o640,
    },
    units: stackUnits(settings),
    maskedUnits: settings.stack.hasVirusScan ? [] : virusScanUnits,
  };
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
] as const;

export const virusScanPackages = ["clamav-daemon", "clamav-freshclam"] as const;

// The socket would start the daemon again.
const virusScanUnits = ["clamav-daemon.socket", "clamav-daemon.service", "clamav-freshclam.service"] as const;

const rootFolder = (path: string, mode = 0o755): RenderedFolder => ({
  path,
  owner: "root",
  group: "root",
  mode,
});

const stackFolders: readonly RenderedFolder[] = [
  { path: stackPaths.mailboxes, owner: mailUser.name, group: mailUser.name, mode: 0o700 },
  { path: stackPaths.directory, owner: "root", group: "postfix", mode: 0o750 },
  { path: stackPaths.dkimKeys, owner: "root", group: "_rspamd", mode: 0o750 },
  { path: stackPaths.sieveBinaries, owner: mailUser.name, group: mailUser.name, mode: 0o755 },
  rootFolder(stackPaths.tls),
  rootFolder(stackPaths.postfixTables),
  rootFolder(stackPaths.dovecotSieve),
  rootFolder(stackPaths.programs),
  rootFolder(stackPaths.sievePrograms),
  rootFolder(stackPaths.rspamdMaps),
];
