import { createHash, randomBytes } from "node:crypto";
import { feedConnections, googleConsents, newId } from "@mailstead/db";
import { eq, lt } from "drizzle-orm";
import { z } from "zod";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { sealForWorker } from "../secrets/index.ts";
import { getTenantForChange } from "../tenants/index.ts";
import { feedLabelSchema } from "./feed-secret.ts";
import { findClientId, usableRedirectUri } from "./google-app.ts";
import { postmasterScope } from "./google-code.ts";

const authorizationUrl = "https://accounts.google.com/o/oauth2/v2/auth";
/** The address of the account comes with it, so that people see whose consent it is. */
const scopes = ["openid", "email", postmasterScope];
/** Long enough to sign in and read what Google asks. */
export const consentLivesMs = 15 * 60_000;

const beginInput = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("connect"),
    label: feedLabelSchema,
    /** Left out: for the domains of every customer. */
    tenantId: z.uuid().nullable().default(null),
    verifiesDomains: z.boolean().default(false),
  }),
  z.object({ kind: z.literal("renew"), connectionId: z.uuid() }),
]);

/**
 * Begins a consent at Google, and says where to send the person (RFC 6749 §4.1.1, with RFC 7636). What was begun ends after a
 * while, is taken from this person only, and once. Throws `precondition-failed` before an app is registered and where Google
 * would send nobody back, `not-found`, and `invalid` for a feed of another provider.
 */
export async function beginGoogleConsent(
  ctx: ServiceContext,
  input: z.input<typeof beginInput>,
): Promise<{ url: string }> {
  requireRole(ctx, "admin");
  const wanted = parseInput(beginInput, input);
  const redirectUri = usableRedirectUri(ctx);
  const { actor, organisationId } = ctx;
  if (actor.kind !== "user") throw new ServiceError("forbidden", "Only a person can consent.");
  const state = randomBytes(32).toString("base64url");
  const verifier = randomBytes(48).toString("base64url");
  const now = ctx.now();
  const id = newId(now);
  return withTransaction(ctx, async (tx) => {
    const clientId = await findClientId(tx, ctx);
    if (clientId === null)
      throw new ServiceError(
        "precondition-failed",
        "No app at Google is registered yet; enter its client id and secret first.",
      );
    const about = wanted.kind === "renew" ? await renewed(wanted.connectionId) : await made(wanted);
    await tx.delete(googleConsents).where(lt(googleConsents.expiresAt, now));
    await tx.insert(googleConsents).values({
      ...about,
      id,
      organisationId,
      userId: actor.userId,
      stateHash: hashOfState(state),
      box: await sealForWorker(tx, { purpose: consentPurpose(id), text: verifier }),
      clientId,
      redirectUri,
      expiresAt: new Date(now.getTime() + consentLivesMs),
    });
    const query = new URLSearchParams({
      client_id: clientId,
      redirect_uri: redirectUri,
      response_type: "code",
      scope: scopes.join(" "),
      state,
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
      // Without both, Google gives a refresh token with the first consent of an account only.
      access_type: "offline",
      prompt: "consent",
    });
    return { url: `${authorizationUrl}?${query}` };

    async function made({ label, tenantId: asked, verifiesDomains }: Wish<"connect">) {
      const tenantId = ctx.tenantId ?? asked;
      if (tenantId !== null) await getTenantForChange(tx, tenantId);
      return { tenantId, label, verifiesDomains };
    }
    async function renewed(connectionId: string) {
      const [feed] = await tx
        .select({
          kind: feedConnections.kind,
          tenantId: feedConnections.tenantId,
          label: feedConnections.label,
          verifiesDomains: feedConnections.verifiesDomains,
        })
        .from(feedConnections)
        .where(eq(feedConnections.id, connectionId));
      if (feed === undefined) throw new ServiceError("not-found", "There is no such feed.");
      const { kind, ...rest } = feed;
      if (kind !== "google-postmaster")
        throw new ServiceError("invalid", `${feed.label} is no feed of Google's.`);
      return { ...rest, connectionId };
    }
  });
}

type Wish<Kind> = Extract<z.output<typeof beginInput>, { kind: Kind }>;

/** How a state stands in the database: who reads it there cannot end a consent with it. */
export function hashOfState(state: string): string {
  return createHash("sha256").update(state).digest("base64url");
}

/** What the boxes of a consent are sealed for. */
export function consentPurpose(consentId: string): string {
  return `google-consent\n${consentId}`;
}
