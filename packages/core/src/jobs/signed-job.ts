import { z } from "zod";
import { jobVerbSchema } from "./catalog.ts";

/** What is signed: the agent runs exactly this, for exactly this server, once, before it expires. */
export const jobOrderSchema = z.object({
  formatVersion: z.literal(1),
  jobId: z.uuid(),
  serverId: z.uuid(),
  /** Grows by the server's own counter; an agent refuses a number that it has accepted for another job, and one behind a change. */
  sequence: z.int().positive(),
  verb: jobVerbSchema,
  args: z.unknown(),
  issuedAtUnixMs: z.number(),
  expiresAtUnixMs: z.number(),
});
export type JobOrder = z.infer<typeof jobOrderSchema>;

/** `order` is the JSON text of a JobOrder, and `signature` is Ed25519 over exactly its UTF-8 bytes, base64. */
export const signedJobSchema = z.object({
  order: z.string().max(262_144),
  signature: z.string().max(128),
  /** SHA-256 fingerprint, hex, of the raw public key that signed. */
  keyFingerprint: z.string().regex(/^[0-9a-f]{64}$/),
});
export type SignedJob = z.infer<typeof signedJobSchema>;

/** Why an agent did not run an order. Each is permanent for this order, save a full disk. */
export const jobRefusalSchema = z.enum([
  "bad-signature",
  "unknown-key",
  "wrong-server",
  "expired",
  "clock-wrong",
  "sequence-reused",
  "superseded",
  "not-allowed",
  "vetoed-by-owner",
  "bad-arguments",
  "journal-full",
]);
export type JobRefusal = z.infer<typeof jobRefusalSchema>;
