import type { RenderedFile, StackService } from "../../converge/index.ts";
import type { HostSettings } from "../host-settings.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";
import { bansUnit } from "./bans.ts";

export interface StackUnit {
  unit: string;
  service: StackService;
}

/** The units of the stack in starting order. */
export function stackUnits(settings: HostSettings): readonly StackUnit[] {
  const units: StackUnit[] = [
    { unit: bansUnit, service: "system" },
    { unit: "redis-server.service", service: "redis" },
    { unit: "rspamd.service", service: "rspamd" },
    { unit: "postsrsd.service", service: "postsrsd" },
    { unit: "dovecot.service", service: "dovecot" },
    { unit: postfixUnit(settings), service: "postfix" },
    { unit: "fail2ban.service", service: "fail2ban" },
  ];
  if (settings.stack.hasVirusScan)
    units.splice(
      2,
      0,
      { unit: "clamav-freshclam.service", service: "clamav" },
      { unit: "clamav-daemon.service", service: "clamav" },
    );
  return units;
}

/** On Debian 12 postfix.service is a dummy that is active whatever happens; the instance does the work. */
function postfixUnit(settings: HostSettings): string {
  return settings.suite === "bookworm" ? "postfix@-.service" : "postfix.service";
}

/** Drop-ins that bring a daemon back within seconds, however it ended and however often. */
export function renderUnitDropIns(settings: HostSettings): readonly RenderedFile[] {
  return stackUnits(settings)
    .filter(({ unit }) => unit !== bansUnit)
    .map(({ unit, service }) =>
      stackFile("system", `/etc/systemd/system/${unit.replace("@-.", "@.")}.d/mailstead.conf`, {
        content: `${fileNotice}[Unit]
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=2
${extraLines[service] ?? ""}`,
      }),
    );
}

const extraLines: Partial<Record<StackService, string>> = {
  // Redis lets only its group use the socket.
  rspamd: "SupplementaryGroups=redis\n",
  // The master process is what matters; without it systemd would count the helpers that outlive it as a living service.
  postfix: "PIDFile=/var/spool/postfix/pid/master.pid\n",
  // Its default is not to come back after an orderly exit.
  fail2ban: "RestartPreventExitStatus=\n",
};
