import { createPrivateKey } from "node:crypto";
import { FeedProblem } from "@mailstead/core/feeds";
import { z } from "zod";
import type { SecretOpener } from "../secrets/index.ts";
import { jsonOf } from "./feed-http.ts";
import { isSndsLink } from "./snds-link.ts";

/** A secret of a provider that is one word. */
export const tokenSchema = z
  .string()
  .trim()
  .min(1)
  .max(2000)
  .regex(/^[\x21-\x7e]+$/, "This must be one line without spaces.");

/** The id of an app at Google. */
export const clientIdSchema = tokenSchema.regex(
  /\.apps\.googleusercontent\.com$/,
  "The client id ends in .apps.googleusercontent.com.",
);

/** What a person calls a feed. */
export const feedLabelSchema = z.string().trim().min(1, "Give the feed a name.").max(100);

const linkRule =
  "This must be the whole link from the SNDS portal, which begins with https:// and leads to Microsoft.";
const sndsLink = z.string().trim().max(2000).refine(isSndsLink, linkRule);

/** The file that Google Cloud gives out for a key of a service account; only what is needed of it. */
const serviceAccountKey = z
  .string()
  .max(20_000)
  .transform((text, refinement) => {
    const parsed = z
      .object({
        type: z.literal("service_account"),
        client_email: z.email(),
        private_key: z.string().refine(isRsaKey),
        private_key_id: z.string().max(200).optional(),
      })
      .safeParse(jsonOf(text));
    if (parsed.success) return parsed.data;
    refinement.addIssue(
      "Paste the whole JSON file that Google Cloud gave out for the key, from { to }; it names a client_email and a private_key.",
    );
    return z.NEVER;
  });

/** What a person enters to connect a feed. */
export const feedCredentialsSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("google-oauth"),
    clientId: clientIdSchema,
    clientSecret: tokenSchema,
    refreshToken: tokenSchema,
  }),
  z.object({ kind: z.literal("google-service-account"), key: serviceAccountKey }),
  z.object({
    kind: z.literal("snds"),
    dataLink: sndsLink,
    statusLink: z.union([sndsLink, z.literal("")]).default(""),
  }),
]);
export type FeedCredentials = z.output<typeof feedCredentialsSchema>;

// What is in a box was parsed before it was sealed, and the key of a service account is an object by then.
const sealedSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("google-oauth"),
    clientId: tokenSchema,
    clientSecret: tokenSchema,
    refreshToken: tokenSchema,
  }),
  z.object({
    kind: z.literal("google-service-account"),
    key: z.object({
      client_email: z.string(),
      private_key: z.string(),
      private_key_id: z.string().optional(),
    }),
  }),
  z.object({ kind: z.literal("snds"), dataLink: z.string(), statusLink: z.string() }),
]);
export type SealedFeedCredentials = z.output<typeof sealedSchema>;

/** What a connection's box is sealed for, so that a box moved to another row does not open there. */
export function feedPurpose(connectionId: string): string {
  return `feed-connection\n${connectionId}`;
}

/** The credentials in a box. Throws FeedProblem when this worker cannot open it. */
export function openFeedBox(
  opener: SecretOpener,
  { id, box }: { id: string; box: string },
): SealedFeedCredentials {
  try {
    return sealedSchema.parse(JSON.parse(opener.open(feedPurpose(id), box)));
  } catch {
    // biome-ignore lint/style/useErrorCause: the cause could quote what is in the box
    throw new FeedProblem(
      "bad-credentials",
      "The credentials cannot be opened, because the signing key has changed since; connect it again.",
    );
  }
}

/** Whose account it is, without a secret. */
export function accountOf(credentials: FeedCredentials): string {
  switch (credentials.kind) {
    case "google-oauth":
      return credentials.clientId;
    case "google-service-account":
      return credentials.key.client_email;
    case "snds":
      return new URL(credentials.dataLink).hostname;
  }
}

function isRsaKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === "rsa";
  } catch {
    return false;
  }
}
