import { FeedProblem } from "@mailstead/core/feeds";
import { z } from "zod";
import { askFeed, type FeedHttpOptions, jsonOf, problemOfStatus, scrubbed } from "./feed-http.ts";

/** All that Postmaster Tools has: its domains and what is told of them. */
export const postmasterScope = "https://www.googleapis.com/auth/postmaster";

const answerSchema = z.object({
  refresh_token: z.string().min(1).max(2000).optional(),
  scope: z.string().max(4000).default(""),
  id_token: z.string().max(20_000).optional(),
});
const errorSchema = z.object({ error: z.string(), error_description: z.string().optional() });
const claimsSchema = z.object({ email: z.email(), email_verified: z.literal(true) });

/** A consent as it is traded for tokens (RFC 6749 §4.1.3, RFC 7636 §4.5). */
export interface CodeTrade {
  readonly code: string;
  readonly verifier: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
}

/** What a consent gave. */
export interface GoogleGrant {
  readonly refreshToken: string;
  /** Whose account it is; null where Google does not say. */
  readonly email: string | null;
}

/**
 * Trades the code of a consent for a refresh token. Throws FeedProblem, in a sentence that says what to do, for a code that
 * Google does not take, and for a consent that leaves out what we need.
 */
export async function tradeGoogleCode(
  { code, verifier, clientId, clientSecret, redirectUri }: CodeTrade,
  { tokenUrl, http }: { tokenUrl: string; http: FeedHttpOptions },
): Promise<GoogleGrant> {
  const answer = await askFeed(
    {
      method: "POST",
      url: tokenUrl,
      headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
      body: new URLSearchParams({
        grant_type: "authorization_code",
        code,
        code_verifier: verifier,
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uri: redirectUri,
      }).toString(),
    },
    http,
  );
  if (answer.status !== 200) {
    const error = errorSchema.safeParse(jsonOf(answer.text)).data;
    const said =
      error === undefined
        ? null
        : scrubbed(error.error_description ?? error.error, [code, verifier, clientSecret]);
    throw error === undefined
      ? problemOfStatus(answer, { provider: "Google", said })
      : refusal(error.error, said ?? "", () => problemOfStatus(answer, { provider: "Google", said }));
  }
  const parsed = answerSchema.safeParse(jsonOf(answer.text));
  if (!parsed.success) throw new FeedProblem("unreadable", "Google answered something else than a token.");
  const { refresh_token: refreshToken, scope, id_token: idToken } = parsed.data;
  if (!scope.split(" ").includes(postmasterScope))
    throw new FeedProblem(
      "not-allowed",
      "The consent leaves out Postmaster Tools. Connect again, and tick its box on Google's page.",
    );
  if (refreshToken === undefined)
    throw new FeedProblem(
      "grant-over",
      "Google gave no refresh token, as it does where an account has consented before. Remove the app at myaccount.google.com/connections, and connect again.",
    );
  return { refreshToken, email: emailOf(idToken) };
}

function refusal(error: string, said: string, otherwise: () => FeedProblem): FeedProblem {
  switch (error) {
    case "invalid_grant":
      return new FeedProblem(
        "grant-over",
        `Google does not take the code of this consent any more (${said}): it was used, or is too old. Connect again.`,
      );
    case "invalid_client":
    case "unauthorized_client":
      return new FeedProblem(
        "bad-credentials",
        `Google does not know the app's client id with this secret (${said}). Copy both from Google Cloud into the app's settings, and connect again.`,
      );
    case "redirect_uri_mismatch":
      return new FeedProblem(
        "rejected",
        "The app at Google does not name this dashboard's redirect address. Add it there as the settings show it, and connect again.",
      );
    default:
      return otherwise();
  }
}

/** It came from Google itself over TLS, so its signature need not be asked for (OpenID Connect Core 1.0 §3.1.3.7). */
function emailOf(idToken: string | undefined): string | null {
  const claims = jsonOf(Buffer.from(idToken?.split(".")[1] ?? "", "base64url").toString("utf8"));
  return claimsSchema.safeParse(claims).data?.email.toLowerCase() ?? null;
}
