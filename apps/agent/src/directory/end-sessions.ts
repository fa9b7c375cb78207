import type { JobContext } from "../jobs/job-context.ts";
import type { Host } from "../platform/host.ts";
import { lastWords } from "../platform/run-command.ts";

/** Past this many it is quicker to have everybody sign in again, which mail programs do by themselves. */
const oneByOneMax = 50;
/** What doveadm says when nobody of that name is signed in (sysexits.h). */
const noSuchUser = 68;

/**
 * Ends the IMAP and ManageSieve sessions of people whose password was changed, or whose mailbox is disabled or gone;
 * what they opened before would else stay open for days. A session that could not be ended is told in the job's log.
 */
export async function endSessions(
  host: Pick<Host, "run">,
  context: Pick<JobContext, "logLine">,
  addresses: readonly string[],
): Promise<void> {
  const masks = addresses.length > oneByOneMax ? ["*"] : addresses;
  for (const mask of masks) {
    const kicked = await host.run(["doveadm", "kick", mask]);
    if (kicked.exitCode !== 0 && kicked.exitCode !== noSuchUser)
      context.logLine(
        "warning",
        `Open sessions of ${mask === "*" ? "all mailboxes" : mask} could not be ended: ${lastWords(kicked)}`,
      );
  }
}
