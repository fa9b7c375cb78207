import { z } from "zod";
import { domainNameProblem } from "../domains/index.ts";

/** A DNS name that a certificate may carry; `*.` may stand before it (RFC 6125 §6.4.3). */
export const certificateNameSchema = z.string().superRefine((name, ctx) => {
  const problem = domainNameProblem(name.replace(/^\*\./, ""));
  if (problem !== null) ctx.addIssue({ code: "custom", message: problem });
});

/** Part of a file's name on the host. */
const fileIdSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/);

/** A key with the one set of names that its request asks for. */
export const certificateKeySchema = z.object({
  keyId: fileIdSchema,
  names: z.array(certificateNameSchema).min(1).max(100),
});

/** A certificate of a server. Its private key is made on the host and stays there; everything here is public. */
export const targetCertificateSchema = certificateKeySchema.extend({
  id: fileIdSchema,
  /** What is installed; null until a CA has issued it, and until then the self-signed certificate serves. */
  issued: z
    .object({
      /** Another for each chain, so that a new one stands beside the old one until it serves. */
      version: fileIdSchema,
      /** PEM, the certificate itself first (RFC 8555 §9.1). */
      chain: z
        .string()
        .max(32_768)
        .regex(/^(?:-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n+)+$/),
    })
    .nullable()
    .default(null),
  /** The key that is to follow, made and reported while the present one serves. */
  next: certificateKeySchema.nullable().default(null),
});
export type TargetCertificate = z.infer<typeof targetCertificateSchema>;
