import { readTextIfExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";

/** Process numbers of Rspamd's workers by what each kind calls itself. */
export type RspamdWorkers = Readonly<Record<string, readonly number[]>>;

const unit = "rspamd.service";
// The kinds that answer others; hs_helper and the like only work for these.
const servingKinds = /^rspamd: (rspamd_proxy|controller|normal) process/;

/** The workers that serve now; none when Rspamd does not run. */
export async function readRspamdWorkers(host: Host): Promise<RspamdWorkers> {
  const shown = await host.run(["systemctl", "show", "--property=MainPID", "--value", "--", unit]);
  const main = Number(shown.stdout.trim());
  if (!Number.isInteger(main) || main <= 0) return {};
  const children = (await readTextIfExists(host.path(`/proc/${main}/task/${main}/children`))) ?? "";
  const workers: Record<string, number[]> = {};
  for (const child of children.trim().split(/\s+/).filter(Boolean)) {
    const title = (await readTextIfExists(host.path(`/proc/${child}/cmdline`))) ?? "";
    const kind = servingKinds.exec(title)?.[1];
    if (kind !== undefined) workers[kind] = [...(workers[kind] ?? []), Number(child)];
  }
  return workers;
}

const takeUpWithinMs = 30_000;
// Told to end, an old worker takes no new message at once, and lives on for twice the longest time a message may take.
const stopAcceptingWithinMs = 2_000;
const pollEveryMs = 100;

/**
 * Waits until workers that started after a reload have taken the place of those before it. A reload is a signal and
 * ends at once; until the new workers stand, the old ones go on with the old configuration, and for good when Rspamd
 * could not read the new one. Returns what is wrong, or null.
 */
export async function rspamdReloadProblem(host: Host, before: RspamdWorkers): Promise<string | null> {
  if (Object.keys(before).length === 0) return null;
  const startedMs = host.nowUnixMs();
  let newSinceMs: number | null = null;
  for (;;) {
    const now = await readRspamdWorkers(host);
    const nowMs = host.nowUnixMs();
    const hasNew = Object.entries(before).every(([kind, old]) =>
      now[kind]?.some((pid) => !old.includes(pid)),
    );
    const hasOld = Object.entries(before).some(([kind, old]) => now[kind]?.some((pid) => old.includes(pid)));
    if (hasNew) newSinceMs ??= nowMs;
    if (newSinceMs !== null && (!hasOld || nowMs - newSinceMs > stopAcceptingWithinMs)) return null;
    if (newSinceMs === null && nowMs - startedMs > takeUpWithinMs)
      return "after its reload Rspamd went on with its old workers, so it did not take up the new configuration";
    await new Promise((resolve) => setTimeout(resolve, pollEveryMs));
  }
}
