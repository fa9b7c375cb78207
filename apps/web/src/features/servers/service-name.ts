import type { JobArgs } from "@mailstead/core/jobs";
import { unitBaseName } from "@mailstead/core/servers";

export { serviceName } from "@mailstead/core/servers";

export type RestartableService = JobArgs<"restart-service">["service"];

const restartable: Readonly<Record<string, RestartableService>> = {
  postfix: "postfix",
  dovecot: "dovecot",
  rspamd: "rspamd",
  "redis-server": "redis",
  "redis-rspamd": "redis",
  fail2ban: "fail2ban",
  "clamav-daemon": "clamav",
  nginx: "nginx",
};

/** What a restart of this very unit is called in the restart job; null when it is not restarted from here. */
export function restartableService(unit: string): RestartableService | null {
  return restartable[unitBaseName(unit)] ?? null;
}
