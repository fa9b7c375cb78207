import type { CheckFinding } from "../dns/index.ts";
import { stackPaths } from "../mail-flow/index.ts";
import {
  backupMarks,
  type HostBackup,
  type HostClock,
  type HostListeners,
  type HostUpkeep,
  type PendingUpdates,
} from "../servers/index.ts";

/** Each kind with the part of the upkeep that tells of it. */
export const upkeepFindingParts = {
  "clock-wrong": "clock",
  "clock-unsynchronised": "clock",
  "updates-pending": "updates",
  "updates-unknown": "updates",
  "ssh-password": "ssh",
  "backup-old": "backup",
  "backup-unknown": "backup",
} as const satisfies Record<string, keyof HostUpkeep>;
export type UpkeepFindingKind = keyof typeof upkeepFindingParts;

/** What the host's agent tells of the host itself, beside what strangers see. */
export interface HostInside {
  upkeep: HostUpkeep | null;
  listeners: HostListeners | null;
}

type Finding = CheckFinding<UpkeepFindingKind>;

const dayMs = 86_400_000;
// Mail from a clock that is further off is dated wrong, and one-time codes fail.
const clockAheadMaxSeconds = 60;
const askedDaysMax = 14;
const backupDaysMax = 7;
// What was last used so long ago was given up, which says nothing of backups made otherwise.
const backupForgottenAfterDays = 90;

/** Whether a finding came from the host's agent and not from a look at the host from outside. */
export function isUpkeepFinding({ kind }: Pick<CheckFinding, "kind">): boolean {
  return kind in upkeepFindingParts;
}

/** Judges what a host needs beside its mail. What its agent cannot tell raises nothing. */
export function judgeUpkeep({ upkeep, listeners }: HostInside, now: Date): Finding[] {
  if (upkeep === null) return [];
  const { clock, updates, backup } = upkeep;
  return [
    ...(clock === null ? [] : clockFindings(clock)),
    ...(updates === null ? [] : updateFindings(updates, now)),
    ...sshFindings({ upkeep, listeners }),
    ...(backup === null ? [] : backupFindings(backup, now)),
  ];
}

/** Whether the agent told nothing of what a finding of this kind is about. */
export function isUntoldOfUpkeep(kind: string, inside: HostInside | null): boolean {
  const part = Object.entries(upkeepFindingParts).find(([name]) => name === kind)?.[1];
  if (part === undefined) return false;
  if (kind === "ssh-password" && (inside?.listeners ?? null) === null) return true;
  if (kind === "clock-unsynchronised") return (inside?.upkeep?.clock?.isSynchronised ?? null) === null;
  return (inside?.upkeep?.[part] ?? null) === null;
}

function clockFindings({ isSynchronised, aheadSeconds }: HostClock): Finding[] {
  const found: Finding[] = [];
  const fix =
    "Have it set by a time server: apt-get install systemd-timesyncd, timedatectl set-ntp true, and let UDP port 123 out. timedatectl timesync-status says whether it works.";
  if (Math.abs(aheadSeconds) > clockAheadMaxSeconds)
    found.push({
      kind: "clock-wrong",
      about: "clock",
      severity: "error",
      sentence: `The clock of the server is more than ${clockAheadMaxSeconds} s ${aheadSeconds > 0 ? "ahead" : "behind"}.`,
      evidence: [
        `its agent: ${Math.abs(aheadSeconds)} s ${aheadSeconds > 0 ? "ahead of" : "behind"} the control plane's clock`,
      ],
      why: "Mail carries a wrong date, which filters hold against it; signatures, certificates and one-time codes are taken for expired or not yet valid.",
      fix,
    });
  if (isSynchronised === false)
    found.push({
      kind: "clock-unsynchronised",
      about: "clock",
      severity: "warning",
      sentence: "No time server sets the clock of the server.",
      evidence: ["timedatectl: NTPSynchronized=no"],
      why: "It drifts by seconds a day until signatures, certificates and dates of mail no longer hold.",
      fix,
    });
  return found;
}

function updateFindings({ count, securityCount, names, askedOn }: PendingUpdates, now: Date): Finding[] {
  const asked = `package lists: last asked for ${askedOn === null ? "never" : `on ${askedOn}`}`;
  if (askedOn === null || daysSince(askedOn, now) > askedDaysMax)
    return [
      {
        kind: "updates-unknown",
        about: "updates",
        severity: "warning",
        sentence: `The server has not asked for updates for more than ${askedDaysMax} days.`,
        evidence: [asked],
        why: "Nobody knows which holes of its programs are known by now and open on it.",
        fix: "Run apt-get update on it and look at what it says. apt-get install unattended-upgrades has updates for security asked for and installed every day.",
      },
    ];
  if (count === 0) return [];
  const rest = count > names.length ? ` and ${count - names.length} more` : "";
  const evidence = [asked, `apt-get: ${names.join(", ")}${rest}`];
  const fix =
    "Run apt-get update && apt-get dist-upgrade on it. apt-get install unattended-upgrades has updates for security installed every day.";
  if (securityCount === 0)
    return [
      {
        kind: "updates-pending",
        about: "updates",
        severity: "instruction",
        sentence: "Updates wait to be installed on the server.",
        evidence,
        why: "They mend faults that others have already met; none of them is for security.",
        fix,
      },
    ];
  return [
    {
      kind: "updates-pending",
      about: "updates",
      severity: "warning",
      sentence: "Updates for security wait to be installed on the server.",
      evidence: [...evidence, `of these for security: ${securityCount}`],
      why: "The holes that they close are public, and a taken-over mail server sends spam in your customers' names.",
      fix,
    },
  ];
}

/** Only a server that takes connections from outside is met by those who guess passwords. */
function sshFindings({ upkeep, listeners }: HostInside): Finding[] {
  const ssh = upkeep?.ssh ?? null;
  if (ssh === null || listeners === null || !ssh.takesPasswords) return [];
  const open = ssh.ports.filter((port) => listeners.ipv4.includes(port) || listeners.ipv6.includes(port));
  if (open.length === 0) return [];
  return [
    {
      kind: "ssh-password",
      about: "ssh",
      severity: "warning",
      sentence: ssh.takesPasswordOfRoot
        ? "Anybody who guesses a password, root's too, can sign in to the server by SSH."
        : "Anybody who guesses a password can sign in to the server by SSH.",
      evidence: [
        "sshd -T: passwordauthentication or kbdinteractiveauthentication yes",
        ...(ssh.takesPasswordOfRoot ? ["sshd -T: permitrootlogin yes"] : []),
        `sshd listens on port ${open.join(", ")}`,
      ],
      why: "Every address of the Internet is tried with lists of passwords all day, and whoever is root reads all mail.",
      fix: "Put your SSH key on the server and sign in with it once; then write this file and run systemctl reload ssh.",
      record:
        "# /etc/ssh/sshd_config.d/00-keys-only.conf\nPasswordAuthentication no\nKbdInteractiveAuthentication no",
    },
  ];
}

const tellsOfBackup = `Have the backup run touch ${backupMarks.made} when it has ended well; borg, restic and duplicity of root are seen without that, once the agent was started after the first of them (systemctl restart mailstead-agent). If the backup is made where the server does not see it, such as snapshots at the provider, say so once: touch ${backupMarks.elsewhere}.`;

function backupFindings(backup: HostBackup, now: Date): Finding[] {
  if (backup.kind === "elsewhere") return [];
  const age = backup.kind === "made" ? daysSince(backup.lastOn, now) : null;
  const evidence =
    backup.kind === "made"
      ? [`${backup.by}: last on ${backup.lastOn}`]
      : [`its agent: no trace of borg, restic or duplicity, and no ${backupMarks.made}`];
  if (backup.kind === "made" && age !== null && age <= backupForgottenAfterDays)
    return age <= backupDaysMax
      ? []
      : [
          {
            kind: "backup-old",
            about: "backup",
            severity: "warning",
            sentence: `The last backup of the server that is known was made on ${backup.lastOn}.`,
            evidence,
            why: "If its disk fails, the mail that came since is lost.",
            fix: `Look why the backup no longer runs. ${tellsOfBackup}`,
          },
        ];
  return [
    {
      kind: "backup-unknown",
      about: "backup",
      severity: "instruction",
      sentence: "No backup of the server is known.",
      evidence,
      why: "Mailstead can put up the server anew, but the mail in its mailboxes lies only there.",
      fix: `Back up ${stackPaths.mailboxes} and ${stackPaths.dkimKeys} to another place. ${tellsOfBackup}`,
    },
  ];
}

function daysSince(day: string, now: Date): number {
  return Math.floor((now.getTime() - new Date(`${day}T00:00:00Z`).getTime()) / dayMs);
}
