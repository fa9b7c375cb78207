import { reportMailbox } from "@mailstead/core/reports";
import { z } from "zod";
import type { Host } from "../../platform/host.ts";
import { readStreamState } from "../stream-state.ts";
import type { TelemetrySource } from "../telemetry-source.ts";
import { openReportFolder } from "./report-folder.ts";
import { tellMail, troubleBatch } from "./tell-mail.ts";
import { tellOnce } from "./told-once.ts";

const stateSchema = z.object({ dropped: z.int().nonnegative() });

/** Reports repeat within days; a receiver that was down sends late. */
const forgetAfterMs = 100 * 86_400_000;
/** The rest waits for the next turn, so that the mail log is read in between. */
const mailsAtOnceMax = 200;

/**
 * Reads the reports that arrived on this host, tells each once and removes it; what cannot be read is counted and kept
 * for a while.
 */
export function reportSource(host: Host, storePath: string): TelemetrySource {
  const folder = openReportFolder(host.path(reportMailbox.folder));
  return {
    stream: "reports",
    what: "the reports that arrived",
    everyMs: 5 * 60_000,
    async read() {
      const kept = await readStreamState(storePath, "reports");
      const before = kept === null ? { dropped: 0 } : stateSchema.parse(JSON.parse(kept));
      const nowMs = host.nowUnixMs();
      let lost = 0;
      const tell = async (things: Parameters<typeof tellOnce>[2]["things"], dropped = before.dropped) => {
        lost += await tellOnce(storePath, "reports", {
          things,
          state: JSON.stringify({ dropped }),
          nowMs,
          forgetAfterMs,
        });
      };
      for (const mail of (await folder.list()).slice(0, mailsAtOnceMax)) {
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
    },
  };
}

/** A folder that was made anew counts from the beginning. */
function noRoom(count: number, at: number) {
  if (count <= 0) return [];
  const why = "the folder for reports was full, or the mail too large";
  return [{ keys: [], batches: [troubleBatch({ kind: "no-room", why, at, count })] }];
}
