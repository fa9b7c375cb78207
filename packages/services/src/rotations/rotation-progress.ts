import type { dkimRotations } from "@mailstead/db";
import { z } from "zod";

const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

const signatureTestSchema = z.object({
  jobId: z.uuid(),
  askedAt: moment,
  state: z.enum(["open", "passed", "failed", "lost"]),
  problem: z.string().nullable(),
});

const serverProgressSchema = z.object({
  /** The newest revision that this rotation asked for. */
  askedRevision: z.int().nonnegative(),
  switchRevision: z.int().positive().nullable(),
  destroyRevision: z.int().positive().nullable(),
  test: signatureTestSchema.nullable(),
});
export type ServerProgress = z.infer<typeof serverProgressSchema>;

const publicationSchema = z.object({
  /** Of the records that were asked for, so that others are asked for anew. */
  digest: z.string(),
  kind: z.enum(["published", "by-hand", "refused", "failed"]),
  triedAt: moment,
  failures: z.int().nonnegative(),
  sentence: z.string().nullable(),
});

/** How far a rotation has come with each server and with its records; kept with its row. */
export const rotationProgressSchema = z.object({
  servers: z.record(z.uuid(), serverProgressSchema).default({}),
  publication: publicationSchema.nullable().default(null),
  /** Of what the name servers said last, so that only what is new is written down. */
  witnessDigest: z.string().nullable().default(null),
});
export type RotationProgress = z.infer<typeof rotationProgressSchema>;

export type RotationRow = typeof dkimRotations.$inferSelect;

/** Nothing told and nothing proven yet. */
export const noServerProgress: ServerProgress = {
  askedRevision: 0,
  switchRevision: null,
  destroyRevision: null,
  test: null,
};

/** The progress of a server, or that of one that was told nothing. */
export function progressOf(progress: RotationProgress, serverId: string): ServerProgress {
  return progress.servers[serverId] ?? noServerProgress;
}

/** The progress with some of a server's changed. */
export function withServer(
  progress: RotationProgress,
  serverId: string,
  changed: Partial<ServerProgress>,
): RotationProgress {
  return {
    ...progress,
    servers: { ...progress.servers, [serverId]: { ...progressOf(progress, serverId), ...changed } },
  };
}
