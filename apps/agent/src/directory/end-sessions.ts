import type { JobContext } from "../jobs/job-context.ts";
import type { Host } from "../platform/host.ts";
import { lastWords } from "../platform/run-command.ts";
import { readPendingSignOuts, removePendingSignOuts } from "./directory-database.ts";

/** Past this many it is quicker to have everybody sign in again, which mail programs do by themselves. */
const oneByOneMax = 50;
/** What doveadm says when nobody of that name is signed in (EX_NOHOST of sysexits.h). */
const nobodySignedIn = 68;

/**
 * Ends the IMAP and ManageSieve sessions of people whose password was changed, or whose mailbox is disabled or gone;
 * what they opened before would else stay open for days. They stand in the directory until this has succeeded, so a kill
 * in between forgets nobody. A session that could not be ended is told, and its turn comes again at the next call.
 */
export async function endSessions(
  { path, host }: { path: string; host: Pick<Host, "run"> },
  tell: JobContext["logLine"],
): Promise<void> {
  const pending = await readPendingSignOuts(path);
  if (pending.addresses.length === 0) return;
  const masks = pending.addresses.length > oneByOneMax ? ["*"] : pending.addresses;
  let haveAllEnded = true;
  for (const mask of masks) {
    const kicked = await host.run(["doveadm", "kick", mask]);
    if (kicked.exitCode === 0 || kicked.exitCode === nobodySignedIn) continue;
    haveAllEnded = false;
    tell(
      "warning",
      `Open sessions of ${mask === "*" ? "all mailboxes" : mask} could not be ended, which is tried again with the next change of mailboxes: ${lastWords(kicked)}`,
    );
  }
  if (haveAllEnded) await removePendingSignOuts(path, pending);
}
