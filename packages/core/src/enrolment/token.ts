import { z } from "zod";
import { toldText } from "../text/index.ts";

/** An enrolment token lives this long; long enough to open a shell on the server, short enough to paste in a chat by mistake. */
export const enrolmentTokenLifetimeMs = 30 * 60_000;

/**
 * `ms1.<secret>.<fingerprint>`: 128 random bits, and the SHA-256 fingerprint of the control plane's signing key,
 * both base64url without padding. The agent pins that key, so a man in the middle cannot give it another.
 */
export const enrolmentTokenPattern = /^ms1\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;
export const enrolmentTokenSchema = z.string().regex(enrolmentTokenPattern, "this is not an enrolment token");

/** POST /agent/enrol on the gateway. Keys are raw 32-byte public keys, base64. */
export const enrolRequestSchema = z.object({
  token: enrolmentTokenSchema,
  agentPublicKey: z.string().regex(/^[A-Za-z0-9+/]{43}=$/),
  sealingPublicKey: z.string().regex(/^[A-Za-z0-9+/]{43}=$/),
  hostname: toldText(253),
  machineId: z.string().regex(/^[0-9a-f]{32}$/),
  agentVersion: toldText(50),
  protocolVersion: z.int(),
});
export type EnrolRequest = z.infer<typeof enrolRequestSchema>;

export const enrolResponseSchema = z.object({
  agentId: z.uuid(),
  serverId: z.uuid(),
  /** wss:// or, for a loopback or lab control plane, ws:// address of the gateway. */
  gatewayUrl: z.url(),
  /** Raw Ed25519 key that signs jobs; its SHA-256 must equal the fingerprint in the token. */
  signingPublicKey: z.string().regex(/^[A-Za-z0-9+/]{43}=$/),
});
export type EnrolResponse = z.infer<typeof enrolResponseSchema>;

/** A refusal of enrolment, as JSON with an HTTP status of 4xx; `sentence` is shown to the person at the shell. */
export const enrolRefusalSchema = z.object({
  code: z.enum(["token-unknown", "token-used", "token-expired", "host-already-enrolled", "invalid"]),
  sentence: z.string(),
});
export type EnrolRefusal = z.infer<typeof enrolRefusalSchema>;
