import type { ProgressEvent } from "@mailstead/core/jobs";
import { agentFrameSchema, frameSizeMaxBytes } from "@mailstead/core/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { takeProgressFrames } from "./progress-frames.ts";

const jobId = "0198a5e0-0000-7000-8000-000000000001";

describe("progress frames", () => {
  it("carry every event after the number, once and in order, within the limits of the wire", () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 65_000 }), { maxLength: 300, size: "max" });
    fc.assert(
      fc.property(lengths, fc.nat(300), (sizes, from) => {
        const events = sizes.map((size, index) => fileChanged(index + 1, size));
        const frames = takeProgressFrames(jobId, events, from);
        expect(frames.flatMap((frame) => frame.events)).toEqual(events.slice(from));
        for (const frame of frames) {
          expect(Buffer.byteLength(JSON.stringify(frame))).toBeLessThan(frameSizeMaxBytes);
          expect(agentFrameSchema.safeParse(frame).success).toBe(true);
        }
      }),
      { numRuns: 20 },
    );
  });
});

function fileChanged(number: number, size: number): ProgressEvent {
  return { number, atUnixMs: 0, body: { kind: "file-changed", path: "/etc/f", diff: "語".repeat(size) } };
}
