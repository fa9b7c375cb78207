import { createSign } from "node:crypto";
import { FeedProblem } from "@mailstead/core/feeds";
import { z } from "zod";
import {
  askFeed,
  type FeedAnswer,
  type FeedHttpOptions,
  jsonOf,
  problemOfStatus,
  scrubbed,
} from "./feed-http.ts";
import type { SealedFeedCredentials } from "./feed-secret.ts";

/** Where Google gives out tokens. */
export const googleTokenUrl = "https://oauth2.googleapis.com/token";
const scopes = "https://www.googleapis.com/auth/postmaster";
const answerSchema = z.object({ access_token: z.string().min(1).max(10_000) });
const errorSchema = z.object({ error: z.string(), error_description: z.string().optional() });
/** Google takes an assertion that ends within an hour. */
const assertionLivesS = 3_600;
const skewMaxMs = 5 * 60_000;

type GoogleCredentials = Extract<SealedFeedCredentials, { kind: "google-oauth" | "google-service-account" }>;

export interface TokenRequest {
  readonly credentials: GoogleCredentials;
  readonly tokenUrl: string;
  readonly http: FeedHttpOptions;
  readonly now: Date;
}

/**
 * An access token, by the refresh token of a person's consent (RFC 6749 §6) or a signed assertion of a service account
 * (RFC 7523 §2.1). Throws FeedProblem, which tells a consent that is over from credentials that are wrong and from a
 * clock that is.
 */
export async function fetchGoogleToken({ credentials, tokenUrl, http, now }: TokenRequest): Promise<string> {
  const answer = await askFeed(
    {
      method: "POST",
      url: tokenUrl,
      headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
      body: new URLSearchParams(formOf(credentials, tokenUrl, now)).toString(),
    },
    http,
  );
  const parsed = answerSchema.safeParse(jsonOf(answer.text));
  if (answer.status === 200 && parsed.success) return parsed.data.access_token;
  if (answer.status === 200)
    throw new FeedProblem("unreadable", "Google answered something else than a token.");
  throw refusal(answer, credentials, now);
}

function formOf(credentials: GoogleCredentials, audience: string, now: Date): Record<string, string> {
  if (credentials.kind === "google-oauth")
    return {
      grant_type: "refresh_token",
      client_id: credentials.clientId,
      client_secret: credentials.clientSecret,
      refresh_token: credentials.refreshToken,
    };
  const { client_email: iss, private_key: key, private_key_id: kid } = credentials.key;
  const iat = Math.floor(now.getTime() / 1000);
  const head = { alg: "RS256", typ: "JWT", ...(kid === undefined ? {} : { kid }) };
  const claims = { iss, scope: scopes, aud: audience, iat, exp: iat + assertionLivesS };
  const signed = [head, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  const signature = createSign("RSA-SHA256").update(signed).sign(key).toString("base64url");
  return { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion: `${signed}.${signature}` };
}

function refusal(answer: FeedAnswer, credentials: GoogleCredentials, now: Date): FeedProblem {
  const error = errorSchema.safeParse(jsonOf(answer.text)).data;
  const secrets =
    credentials.kind === "google-oauth" ? [credentials.clientSecret, credentials.refreshToken] : [];
  const said = error === undefined ? null : scrubbed(error.error_description ?? error.error, secrets);
  if (error?.error === "invalid_grant") {
    const skewMs = skewOf(answer, now);
    if (credentials.kind === "google-service-account" && Math.abs(skewMs) > skewMaxMs)
      return new FeedProblem(
        "clock-skew",
        `Google does not take what we sign, because the clock of Mailstead's worker is ${Math.round(Math.abs(skewMs) / 60_000)} minutes ${skewMs > 0 ? "fast" : "slow"}; set it right.`,
      );
    return credentials.kind === "google-oauth"
      ? new FeedProblem(
          "grant-over",
          `Google no longer takes the consent (${said}): it was withdrawn or has expired. Get a new refresh token and connect again.`,
        )
      : new FeedProblem(
          "bad-credentials",
          `Google does not take the service account's key (${said}): it was deleted or switched off. Make a new key and connect again.`,
        );
  }
  if (error?.error === "invalid_client" || error?.error === "unauthorized_client")
    return new FeedProblem(
      "bad-credentials",
      `Google does not know the client id with this secret (${said}). Copy both from Google Cloud and connect again.`,
    );
  return problemOfStatus(answer, { provider: "Google", said });
}

/** How far our clock is ahead of Google's, by what its answer says of the time. */
function skewOf({ headers }: FeedAnswer, now: Date): number {
  const theirs = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(theirs) ? 0 : now.getTime() - theirs;
}
