import type { RenderedFile, StackService } from "../../converge/index.ts";
import type { Suite } from "../../servers/index.ts";
import type { HostSettings } from "../host-settings.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";
import { stackPaths } from "../stack-paths.ts";
import { bansUnit } from "./bans.ts";
import { knotUnit } from "./knot.ts";
import { resolverUnit, resolverWatchUnit } from "./resolver.ts";
import { danePoliciesUnit, mtaStsUnit } from "./tls-policies.ts";

/** How long the first fetch of the virus signatures, some hundreds of megabytes, may take. */
const signaturesWithinSeconds = 900;

export interface StackUnit {
  unit: string;
  service: StackService;
}

/** Every unit that the stack has on one host or another of this release, in starting order. */
export function everyStackUnit(suite: Suite): readonly StackUnit[] {
  return [
    { unit: resolverUnit, service: "resolver" },
    { unit: bansUnit, service: "system" },
    { unit: danePoliciesUnit, service: "tls-policies" },
    { unit: mtaStsUnit, service: "tls-policies" },
    { unit: "redis-server.service", service: "redis" },
    { unit: "rspamd.service", service: "rspamd" },
    { unit: "postsrsd.service", service: "postsrsd" },
    { unit: "dovecot.service", service: "dovecot" },
    { unit: postfixUnit({ suite }), service: "postfix" },
    { unit: resolverWatchUnit, service: "system" },
    { unit: "fail2ban.service", service: "fail2ban" },
    { unit: "nginx.service", service: "nginx" },
    { unit: knotUnit, service: "knot" },
    // Last, because its first start waits for signatures and mail should not.
    { unit: "clamav-freshclam.service", service: "clamav" },
    { unit: "clamav-daemon.service", service: "clamav" },
  ];
}

/** The units of a host's stack in starting order. */
export function stackUnits({ suite, web, dns, stack }: HostSettings): readonly StackUnit[] {
  const isWanted: Partial<Record<StackService, boolean>> = {
    nginx: web.isEnabled,
    knot: dns.zones.length > 0,
    clamav: stack.hasVirusScan,
  };
  return everyStackUnit(suite).filter(({ service }) => isWanted[service] ?? true);
}

/** On Debian 12 postfix.service is a dummy that is active whatever happens; the instance does the work. */
export function postfixUnit({ suite }: Pick<HostSettings, "suite">): string {
  return suite === "bookworm" ? "postfix@-.service" : "postfix.service";
}

/** Units whose files are wholly ours say all of this themselves. */
const ownUnits: readonly string[] = [bansUnit, resolverUnit, resolverWatchUnit, danePoliciesUnit];

/** Drop-ins that bring a daemon back within seconds, however it ended and however often. */
export function renderUnitDropIns(settings: HostSettings): readonly RenderedFile[] {
  return stackUnits(settings)
    .filter(({ unit }) => !ownUnits.includes(unit))
    .map(({ unit, service }) =>
      stackFile("system", `/etc/systemd/system/${unit.replace("@-.", "@.")}.d/mailstead.conf`, {
        content: `${fileNotice}[Unit]
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=2
${extraLines[unit] ?? extraLines[service] ?? ""}`,
      }),
    );
}

const signatures = "/var/lib/clamav";

const extraLines: Readonly<Record<string, string>> = {
  // Redis lets only its group use the socket. Rspamd keeps compiled expressions that a full disk has cut off, and then
  // dies of them at each start; what it finds missing it compiles anew.
  rspamd: `SupplementaryGroups=redis
ExecStopPost=/bin/sh -c '[ "$$SERVICE_RESULT" = success ] || rm -f /var/lib/rspamd/*.hs*'
`,
  // The master process is what matters; without it systemd would count the helpers that outlive it as a living service.
  // Its resolver is the one whose word on DNSSEC counts. Where the file is gone, mail waits rather than Postfix. What becomes
  // of mail is counted from its log, of which the journal would drop what comes fast.
  postfix: `PIDFile=/var/spool/postfix/pid/master.pid
BindReadOnlyPaths=-${stackPaths.resolvConf}:/etc/resolv.conf
LogRateLimitIntervalSec=0
`,
  [mtaStsUnit]: "RuntimeDirectory=mta-sts\n",
  // Where the signatures have not been fetched yet, Debian's unit is passed over, once and for good. It waits instead.
  "clamav-daemon.service": `ExecStartPre=/bin/sh -c 'until ls -d ${signatures}/main.[ci]* ${signatures}/daily.[ci]* >/dev/null 2>&1; do sleep 1; done'
TimeoutStartSec=${signaturesWithinSeconds}

[Unit]
ConditionPathExistsGlob=
`,
  // Its default is not to come back after an orderly exit.
  fail2ban: "RestartPreventExitStatus=\n",
};
