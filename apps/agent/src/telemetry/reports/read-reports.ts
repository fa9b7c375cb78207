import { reportMailbox } from "@mailstead/core/reports";
import { z } from "zod";
import type { Host } from "../../platform/host.ts";
import { readStreamState } from "../stream-state.ts";
import { type KeptMail, openReportFolder } from "./report-folder.ts";
import { tellMail, troubleBatch } from "./tell-mail.ts";
import { tellOnce } from "./told-once.ts";

const stateSchema = z.object({
  dropped: z.int().nonnegative(),
  /** The mail on which a reader died last, which may have been somebody else's fault. */
  diedOn: z.string().nullable().default(null),
});
type State = z.infer<typeof stateSchema>;

/** Reports repeat within days; a receiver that was down sends late. */
const forgetAfterMs = 100 * 86_400_000;
/** The rest waits for the next turn, so that the mail log is read in between. */
const mailsAtOnceMax = 200;
/** Far below what the reader may take as a whole, so that no mail is blamed for those before it. */
const beginsWithinMs = 2 * 60_000;

/** What reading came to: how many old batches made room. */
interface ReportReading {
  readonly dropped: number;
}

/** Reads what waits; `begin` is told each mail before it is opened. */
export type ReadReports = (
  host: Host,
  storePath: string,
  begin?: (mail: KeptMail) => void,
) => Promise<ReportReading>;

/**
 * Reads the reports that arrived on this host, tells each once and removes it; what cannot be read is counted and kept
 * for a while.
 */
export const readReports: ReadReports = async (host, storePath, begin) => {
  const folder = openReportFolder(host.path(reportMailbox.folder));
  const before = await readState(storePath);
  const nowMs = host.nowUnixMs();
  let lost = 0;
  const tell = async (things: Things, dropped = before.dropped) => {
    lost += await tellThings(storePath, { things, state: { ...before, dropped }, nowMs });
  };
  for (const mail of (await folder.list()).slice(0, mailsAtOnceMax)) {
    if (host.nowUnixMs() > nowMs + beginsWithinMs) break;
    begin?.(mail);
    const { things, isUnread } = await tellMail(await folder.read(mail), { ...mail, nowMs });
    await tell(things);
    // Only now: an agent that is killed before reads the mail again, and finds it told.
    if (isUnread) await folder.keepUnread(mail, nowMs);
    else await folder.remove(mail);
  }
  await folder.letGoOfUnread(nowMs);
  const dropped = await folder.countDropped();
  if (dropped !== before.dropped) await tell(noRoom(dropped - before.dropped, nowMs), dropped);
  return { dropped: lost };
};

/** Notes that a reader died on a mail. The second time it is put aside, and that is told. */
export async function noteDeath(
  host: Host,
  storePath: string,
  { name, why }: { name: string; why: string },
): Promise<ReportReading> {
  const folder = openReportFolder(host.path(reportMailbox.folder));
  const mail = (await folder.list()).find((one) => one.name === name);
  if (mail === undefined) return { dropped: 0 };
  const nowMs = host.nowUnixMs();
  const before = await readState(storePath);
  if (before.diedOn !== name) {
    const state = { ...before, diedOn: name };
    return { dropped: await tellThings(storePath, { things: [], state, nowMs }) };
  }
  const at = Math.min(mail.arrivedAtMs, nowMs);
  const things = [{ keys: [`lost ${name}`], batches: [troubleBatch({ kind: "unread", why, at, count: 1 })] }];
  const state = { ...before, diedOn: null };
  const lost = await tellThings(storePath, { things, state, nowMs });
  await folder.keepUnread(mail, nowMs);
  return { dropped: lost };
}

type Things = Parameters<typeof tellOnce>[2]["things"];

async function readState(storePath: string): Promise<State> {
  const kept = await readStreamState(storePath, "reports");
  return stateSchema.parse(kept === null ? { dropped: 0 } : JSON.parse(kept));
}

function tellThings(
  storePath: string,
  { things, state, nowMs }: { things: Things; state: State; nowMs: number },
): Promise<number> {
  return tellOnce(storePath, "reports", { things, state: JSON.stringify(state), nowMs, forgetAfterMs });
}

/** A folder that was made anew counts from the beginning. */
function noRoom(count: number, at: number) {
  if (count <= 0) return [];
  const why = "the folder for reports was full, or the mail too large";
  return [{ keys: [], batches: [troubleBatch({ kind: "no-room", why, at, count })] }];
}
