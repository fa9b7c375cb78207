import { verify } from "node:crypto";
import {
  type JobOrder,
  type JobRefusal,
  jobCatalog,
  jobOrderSchema,
  type SignedJob,
} from "@mailstead/core/jobs";
import { z } from "zod";
import type { Identity } from "../link/identity.ts";
import { signingKeyFingerprint } from "../link/identity.ts";
import { publicKeyOf } from "../link/keys.ts";
import { parseJson } from "../platform/parse-json.ts";

export type Verified =
  | { kind: "good"; order: JobOrder }
  | { kind: "refused"; jobId: string | null; reason: JobRefusal; sentence: string };

// Orders are made on one clock and checked on another; this much between them is ordinary.
export const clockToleranceMs = 5 * 60_000;

/**
 * Decides whether a signed job may run here: signed by the pinned key, for this server, in time, with arguments that
 * the catalogue knows. `clockOffsetMs` is the gateway's clock less ours, as the last welcome told; it names the cause
 * when this host's clock makes a good order look expired.
 */
export function verifyOrder(
  signed: SignedJob,
  input: { identity: Identity; nowUnixMs: number; clockOffsetMs: number },
): Verified {
  const { identity, nowUnixMs, clockOffsetMs } = input;
  if (signed.keyFingerprint !== signingKeyFingerprint(identity))
    return refused(
      jobIdOf(signed.order),
      "unknown-key",
      "the job is signed by a key that this host does not know, as happens when the control plane got a new signing key; enrol this host again",
    );
  const key = publicKeyOf("ed25519", identity.signingPublicKey);
  if (!verify(null, Buffer.from(signed.order, "utf8"), key, Buffer.from(signed.signature, "base64")))
    return refused(
      jobIdOf(signed.order),
      "bad-signature",
      "the signature of the job does not fit its text, which was altered after it was signed; run the job again",
    );
  const parsed = jobOrderSchema.safeParse(parseJson(signed.order));
  if (!parsed.success)
    return refused(
      jobIdOf(signed.order),
      "bad-arguments",
      `the job is malformed: ${z.prettifyError(parsed.error)}`,
    );
  const order = parsed.data;
  if (order.serverId !== identity.serverId)
    return refused(order.jobId, "wrong-server", "the job is for another server");
  const isClockWrong = Math.abs(clockOffsetMs) > clockToleranceMs;
  if (order.issuedAtUnixMs > nowUnixMs + clockToleranceMs)
    return refused(
      order.jobId,
      "clock-wrong",
      isClockWrong ? clockSentence(clockOffsetMs) : futureSentence(order.issuedAtUnixMs - nowUnixMs),
    );
  if (order.expiresAtUnixMs < nowUnixMs)
    return isClockWrong
      ? refused(order.jobId, "clock-wrong", clockSentence(clockOffsetMs))
      : refused(
          order.jobId,
          "expired",
          `the job expired at ${new Date(order.expiresAtUnixMs).toISOString()}`,
        );
  const args = jobCatalog[order.verb].args.safeParse(order.args);
  if (!args.success)
    return refused(
      order.jobId,
      "bad-arguments",
      `the arguments of "${order.verb}" are wrong: ${z.prettifyError(args.error)}`,
    );
  return { kind: "good", order: { ...order, args: args.data } };
}

/** Says how far the host's clock is off, and what to do. */
export function clockSentence(clockOffsetMs: number): string {
  const seconds = Math.round(Math.abs(clockOffsetMs) / 1000);
  const side = clockOffsetMs > 0 ? "behind" : "ahead of";
  return `the clock of this host is ${seconds} s ${side} the control plane's; set it (for instance by systemd-timesyncd), then run the job again`;
}

/** Says that whoever made the order is wrong about the time: this host and its gateway agree. */
function futureSentence(aheadMs: number): string {
  const seconds = Math.round(aheadMs / 1000);
  return `the job was signed at a time that is ${seconds} s ahead of this host's, which agrees with the gateway's; set the clock of the control plane's worker, then run the job again`;
}

function refused(jobId: string | null, reason: JobRefusal, sentence: string): Verified {
  return { kind: "refused", jobId, reason, sentence: sentence.slice(0, 1000) };
}

/**
 * The job's id as a text names it that is not believed in anything else: without it the refusal would not find its job,
 * and whoever brought the text learns nothing from it.
 */
function jobIdOf(order: string): string | null {
  const id = (parseJson(order) as { jobId?: unknown } | null)?.jobId;
  return z.uuid().safeParse(id).success ? (id as string) : null;
}
