import type { ProgressEvent } from "@mailstead/core/jobs";
import type { AgentFrame } from "@mailstead/core/wire";

export type ProgressFrame = Extract<AgentFrame, { type: "job-progress" }>;

const eventsPerFrameMax = 200;
// Well below the limit of a frame, whose own fields and brackets take some of it.
const eventsBytesMax = 800_000;

/** The frames that carry the events after number `from`, in order, each within the limits of the wire. */
export function takeProgressFrames(
  jobId: string,
  events: readonly ProgressEvent[],
  from: number,
): ProgressFrame[] {
  const frames: ProgressFrame[] = [];
  let current: ProgressEvent[] = [];
  let bytes = 0;
  for (const event of events) {
    if (event.number <= from) continue;
    const eventBytes = Buffer.byteLength(JSON.stringify(event));
    if (current.length > 0 && (current.length >= eventsPerFrameMax || bytes + eventBytes > eventsBytesMax)) {
      frames.push({ type: "job-progress", jobId, events: current });
      current = [];
      bytes = 0;
    }
    current.push(event);
    bytes += eventBytes;
  }
  if (current.length > 0) frames.push({ type: "job-progress", jobId, events: current });
  return frames;
}
