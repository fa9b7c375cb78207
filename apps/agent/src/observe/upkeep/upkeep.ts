import type { HostUpkeep, PendingUpdates, SshSignIn } from "@mailstead/core/servers";
import type { Host } from "../../platform/host.ts";
import { log } from "../../platform/log.ts";
import { stampOf } from "../file-stamps.ts";
import { type AptPlan, aptSources } from "../inventory/apt-plan.ts";
import { readBackups } from "./backups.ts";
import { aheadSecondsOf, isClockSynchronised } from "./clock.ts";
import { readPendingUpdates } from "./pending-updates.ts";
import { readSshSignIn, sshSources } from "./ssh-sign-in.ts";
import { dayOf } from "./told-day.ts";

export interface UpkeepWatch {
  /** What is known now. Costs a few stats, and a program only when something has changed or its time has come. */
  look(options: { isForced: boolean }): Promise<HostUpkeep>;
  /** Asks apt what waits, once a day and when its answer may have changed; says whether it is another than before. */
  lookForUpdates(): Promise<boolean>;
}

// The kernel counts for hours from the last time that it was told before it says so.
const clockEveryMs = 30 * 60_000;
const backupsEveryMs = 60 * 60_000;

/** Looks after what a host needs beside its mail, as seldom as that allows. */
export function openUpkeepWatch(
  host: Host,
  { aptPlan, clockOffsetMs }: { aptPlan: AptPlan; clockOffsetMs: () => number },
): UpkeepWatch {
  let clock: { isSynchronised: boolean | null; atUnixMs: number } = { isSynchronised: null, atUnixMs: 0 };
  let ssh: { signIn: SshSignIn | null; stamp: string } = { signIn: null, stamp: "" };
  let backups: { backup: HostUpkeep["backup"]; atUnixMs: number } = { backup: null, atUnixMs: 0 };
  let updates: { pending: PendingUpdates | null; stamp: string } = { pending: null, stamp: "" };
  let isLookingForUpdates = false;

  async function lookAtClock(isDue: boolean): Promise<void> {
    // While it is not well, each look asks again, so that a person sees soon that it is mended.
    const isFresh = host.nowUnixMs() - clock.atUnixMs < clockEveryMs;
    if (!isDue && clock.isSynchronised !== false && isFresh) return;
    clock = { isSynchronised: await isClockSynchronised(host), atUnixMs: host.nowUnixMs() };
  }

  async function lookAtSsh(): Promise<void> {
    const stamp = await stampOf(host, await sshSources(host));
    if (stamp !== ssh.stamp) ssh = { signIn: await readSshSignIn(host), stamp };
  }

  async function lookAtBackups(isDue: boolean): Promise<void> {
    if (!isDue && backups.backup !== null && host.nowUnixMs() - backups.atUnixMs < backupsEveryMs) return;
    backups = { backup: await readBackups(host), atUnixMs: host.nowUnixMs() };
  }

  return {
    async look({ isForced }) {
      await Promise.all([
        tell("clock", lookAtClock(isForced)),
        tell("SSH server", lookAtSsh()),
        tell("backup", lookAtBackups(isForced)),
      ]);
      return {
        clock: { isSynchronised: clock.isSynchronised, aheadSeconds: aheadSecondsOf(clockOffsetMs()) },
        updates: updates.pending,
        ssh: ssh.signIn,
        backup: backups.backup,
      };
    },
    async lookForUpdates() {
      if (isLookingForUpdates) return false;
      isLookingForUpdates = true;
      try {
        const stamp = `${dayOf(host.nowUnixMs())} ${await stampOf(host, aptSources)}`;
        if (stamp === updates.stamp) return false;
        const before = JSON.stringify(updates.pending);
        updates = { pending: await readPendingUpdates(host, aptPlan), stamp };
        return JSON.stringify(updates.pending) !== before;
      } finally {
        isLookingForUpdates = false;
      }
    },
  };
}

/** What cannot be looked at stays as it was known, and must not keep the rest of the host from being told. */
async function tell(what: string, looking: Promise<void>): Promise<void> {
  await looking.catch((error: Error) =>
    log("warning", `the ${what} of the host could not be looked at: ${error.message}`),
  );
}
