import { readMessageStep } from "@mailstead/core/delivery";
import type { Host } from "../platform/host.ts";
import { openMailLog } from "../telemetry/delivery-source.ts";

/** How far a letter came by the log, and in which words. */
export type Fate =
  | { readonly kind: "waiting"; readonly words: string }
  | { readonly kind: "stopped" | "delivered"; readonly at: string; readonly words: string };

/** Reads what the log tells of a letter since a time. What cannot be read tells nothing. */
export async function readFate(
  host: Host,
  { queueId, sinceMs }: { queueId: string; sinceMs: number },
): Promise<Fate> {
  let fate: Fate = { kind: "waiting", words: "none" };
  const log = await openMailLog(host);
  await log.read({ afterMs: sinceMs }, (record) => {
    if (!record.message.startsWith(`${queueId}:`)) return;
    const step = readMessageStep(record);
    const line = step?.line;
    if (line?.kind === "delivery")
      fate = {
        kind: line.status === "sent" ? "delivered" : "stopped",
        at: step?.daemon === "lmtp" ? "Dovecot's delivery" : `the delivery by ${step?.daemon}`,
        words: line.reply,
      };
    else if (fate.kind === "waiting") fate = { kind: "waiting", words: record.message };
  });
  return fate;
}
