import type { JobArgs } from "@mailstead/core/jobs";

const names: Readonly<Record<string, string>> = {
  postfix: "Postfix",
  dovecot: "Dovecot",
  rspamd: "Rspamd",
  redis: "Redis",
  "redis-server": "Redis",
  "redis-rspamd": "Redis",
  fail2ban: "Fail2ban",
  "mailstead-bans": "Refused addresses",
  postsrsd: "PostSRSd",
  clamav: "ClamAV",
  "clamav-daemon": "ClamAV",
  "clamav-freshclam": "ClamAV updates",
};

/** The name people use for a systemd unit; a unit that is not known keeps its own. */
export function serviceName(unit: string): string {
  const bare = bareName(unit);
  return names[bare] ?? bare;
}

export type RestartableService = JobArgs<"restart-service">["service"];

const restartable: Readonly<Record<string, RestartableService>> = {
  postfix: "postfix",
  dovecot: "dovecot",
  rspamd: "rspamd",
  "redis-server": "redis",
  "redis-rspamd": "redis",
  fail2ban: "fail2ban",
  "clamav-daemon": "clamav",
};

/** What a restart of this very unit is called in the restart job; null when it is not restarted from here. */
export function restartableService(unit: string): RestartableService | null {
  return restartable[bareName(unit)] ?? null;
}

function bareName(unit: string): string {
  return unit.replace(/\.service$/, "").replace(/@-?$/, "");
}
