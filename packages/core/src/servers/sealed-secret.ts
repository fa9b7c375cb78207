import { z } from "zod";

/**
 * A secret that only the agent's sealing key opens. `box` is the base64 of, one after the other:
 * - the sender's ephemeral X25519 public key, 32 bytes (RFC 7748 §5),
 * - the AES-GCM nonce, 12 bytes,
 * - the AES-256-GCM text of the secret in UTF-8, without additional data, as long as the secret,
 * - the AES-GCM tag, 16 bytes.
 *
 * The AES key is HKDF-SHA-256 (RFC 5869) of the X25519 shared secret, with the ephemeral public key followed by the
 * agent's raw public sealing key as salt, "mailstead-sealed-secret" as info, and 32 bytes of length.
 */
export const sealedSecretSchema = z.object({
  box: z
    .string()
    .regex(/^[A-Za-z0-9+/=]+$/)
    .max(4096),
});
export type SealedSecret = z.infer<typeof sealedSecretSchema>;
