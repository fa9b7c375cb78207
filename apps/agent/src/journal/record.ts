import { crc32 } from "node:zlib";
import { highWaterMarkSchema, jobOutcomeSchema, progressEventSchema } from "@mailstead/core/jobs";
import { z } from "zod";

/** What is needed to take back, or to finish, a step that was begun and never ended. */
export const undoSchema = z.discriminatedUnion("kind", [
  /** The step is whole or absent at any point, or can be begun again without harm. */
  z.object({ kind: z.literal("none") }),
  z.object({
    kind: z.literal("restore-files"),
    service: z.string(),
    units: z.array(z.string()),
    /** How the step has its service take up the files, and so the way back too; absent in older records. */
    activation: z.enum(["reload", "restart", "none"]).optional(),
    files: z.array(
      z.object({
        path: z.string(),
        /** Copy of the file as it was; null when there was none. */
        backupPath: z.string().nullable(),
        /** SHA-256, hex, of that copy, without which it is not trusted; absent in older records. */
        backupDigest: z.string().nullable().optional(),
        /** What the record of applied digests said of the path. */
        appliedDigest: z.string().nullable(),
      }),
    ),
  }),
  /** Links that lead to certificates, and which services read them. */
  z.object({
    kind: z.literal("restore-links"),
    links: z.array(
      z.object({
        path: z.string(),
        /** Where the link led; null when there was none. */
        target: z.string().nullable(),
      }),
    ),
    services: z.array(z.object({ service: z.string(), units: z.array(z.string()) })),
  }),
  /** dpkg works in a transient unit of its own, which may have outlived the agent. */
  z.object({ kind: z.literal("package-work"), unit: z.string() }),
  z.object({ kind: z.literal("service-restart"), service: z.string() }),
  /** The start of the host that is to end, and its kernel. */
  z.object({ kind: z.literal("host-restart"), bootId: z.string(), kernel: z.string() }),
]);
export type Undo = z.infer<typeof undoSchema>;

export const journalRecordSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("accepted"),
    jobId: z.string(),
    sequence: z.number(),
    expiresAtUnixMs: z.number(),
    /** The signed text, so that a job outlives the connection that brought it. */
    order: z.string(),
    /** The agent gave itself this job, so nobody else is told of it. */
    isOwn: z.boolean().optional(),
  }),
  z.object({ kind: z.literal("running"), jobId: z.string(), atUnixMs: z.number() }),
  z.object({ kind: z.literal("step-begun"), jobId: z.string(), stepId: z.string(), undo: undoSchema }),
  z.object({ kind: z.literal("step-ended"), jobId: z.string(), stepId: z.string() }),
  z.object({ kind: z.literal("progress"), jobId: z.string(), event: progressEventSchema }),
  z.object({ kind: z.literal("progress-stored"), jobId: z.string(), number: z.number() }),
  z.object({ kind: z.literal("cancel-requested"), jobId: z.string() }),
  z.object({ kind: z.literal("ended"), jobId: z.string(), outcome: jobOutcomeSchema }),
  /** The control plane has stored the result: only the sequence is kept, until the order could not be replayed. */
  z.object({
    kind: z.literal("settled"),
    jobId: z.string(),
    sequence: z.number(),
    expiresAtUnixMs: z.number(),
  }),
  /** How far the orders had come whose own records are no longer kept. */
  z.object({ kind: z.literal("high-water"), mark: highWaterMarkSchema }),
]);
export type JournalRecord = z.infer<typeof journalRecordSchema>;

/** One line: CRC-32 of the text in hex, a space, the record as JSON. */
export function encodeRecord(record: JournalRecord): string {
  const text = JSON.stringify(record);
  return `${checksum(text)} ${text}\n`;
}

/** The record of a line, or null when the line is torn or altered, or a newer agent wrote it. */
export function decodeRecord(line: string): JournalRecord | null {
  const text = line.slice(9);
  if (line[8] !== " " || line.slice(0, 8) !== checksum(text)) return null;
  const parsed = journalRecordSchema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : null;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, "0");
}
