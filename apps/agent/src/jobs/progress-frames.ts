import type { ProgressEvent } from "@mailstead/core/jobs";
import type { AgentFrame } from "@mailstead/core/wire";

export type ProgressFrame = Extract<AgentFrame, { type: "job-progress" }>;

const eventsPerFrameMax = 200;
// Half of the frame limit, counted in characters, leaves room for those that take more than one byte.
const frameLengthMax = 400_000;

/** The frames that carry the events after number `from`, in order, each within the limits of the wire. */
export function takeProgressFrames(
  jobId: string,
  events: readonly ProgressEvent[],
  from: number,
): ProgressFrame[] {
  const frames: ProgressFrame[] = [];
  let current: ProgressEvent[] = [];
  let length = 0;
  for (const event of events) {
    if (event.number <= from) continue;
    const eventLength = JSON.stringify(event).length;
    if (
      current.length > 0 &&
      (current.length >= eventsPerFrameMax || length + eventLength > frameLengthMax)
    ) {
      frames.push({ type: "job-progress", jobId, events: current });
      current = [];
      length = 0;
    }
    current.push(event);
    length += eventLength;
  }
  if (current.length > 0) frames.push({ type: "job-progress", jobId, events: current });
  return frames;
}
