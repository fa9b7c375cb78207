import { FeedProblem } from "@mailstead/core/feeds";
import { cutText, storableText } from "@mailstead/core/text";

export interface FeedRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

export interface FeedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface FeedHttpOptions {
  /** As sentences call whom we ask. */
  readonly provider: string;
  readonly answerBytesMax: number;
  readonly withinMs?: number;
  /** Between attempts; a test need not live through it. */
  wait(ms: number): Promise<void>;
}

const defaultWithinMs = 30_000;
const attemptsMax = 3;
const firstWaitMs = 1_000;
/** Who is to wait longer comes back with the next look. */
const waitedForMaxMs = 10_000;

/**
 * Asks a provider once, and again a little later while it is overloaded (429, 5xx). Each attempt ends in bounded time,
 * reads a bounded answer and follows no redirect. Throws FeedProblem when there is no whole answer.
 */
export async function askFeed(request: FeedRequest, options: FeedHttpOptions): Promise<FeedAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await askOnce(request, options);
    const waitMs = retryAfterMs(answer.headers) ?? firstWaitMs * 2 ** (attempt - 1);
    const isBusy = answer.status === 429 || answer.status >= 500;
    if (!isBusy || attempt === attemptsMax || waitMs > waitedForMaxMs) return answer;
    await options.wait(waitMs);
  }
}

/** The problem that an answer without success means, where the provider says nothing of its own. */
export function problemOfStatus(
  { status, headers }: FeedAnswer,
  { provider, said }: { provider: string; said: string | null },
): FeedProblem {
  const because = said === null ? `${status}` : `${status}: ${said.replace(/[.\s]+$/, "")}`;
  if (status === 429)
    return new FeedProblem(
      "slow-down",
      `${provider} asks us to slow down (${because}); it is asked again later.`,
      {
        retryAfterMs: retryAfterMs(headers),
      },
    );
  if (status === 408 || status >= 500)
    return new FeedProblem("provider-failed", `${provider} failed (${because}); it is asked again later.`, {
      retryAfterMs: retryAfterMs(headers),
    });
  if (status === 401)
    return new FeedProblem(
      "bad-credentials",
      `${provider} does not accept the credentials (${because}); connect it again.`,
    );
  if (status === 403)
    return new FeedProblem("not-allowed", `${provider} does not let this account read it (${because}).`);
  if (status === 409) return new FeedProblem("exists", `${provider} has it already (${because}).`);
  if (status === 404) return new FeedProblem("not-found", `${provider} does not know it (${because}).`);
  return new FeedProblem("rejected", `${provider} refused the request (${because}).`);
}

/** Words of the provider as a sentence may repeat them: one short line without what is secret. */
export function scrubbed(text: string, secrets: readonly string[]): string {
  const clean = secrets
    .filter((secret) => secret.length > 0)
    .reduce((left, secret) => left.replaceAll(secret, "…"), text.replace(/\s+/g, " ").trim());
  return cutText(storableText(clean), 200);
}

/** A text as JSON; null where it is none, as a proxy's page of an error. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function askOnce(
  { method, url, headers, body }: FeedRequest,
  { provider, answerBytesMax, withinMs = defaultWithinMs }: FeedHttpOptions,
): Promise<FeedAnswer> {
  try {
    const response = await fetch(url, {
      method,
      ...(headers === undefined ? {} : { headers }),
      ...(body === undefined ? {} : { body }),
      // Credentials go where they were meant for and nowhere else.
      redirect: "manual",
      signal: AbortSignal.timeout(withinMs),
    });
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      if (bytes > answerBytesMax)
        throw new FeedProblem("unreadable", `${provider} answered more than ${answerBytesMax} bytes.`);
      chunks.push(chunk);
    }
    return {
      status: response.status,
      headers: response.headers,
      text: Buffer.concat(chunks).toString("utf8"),
    };
  } catch (cause) {
    // The cause is left out: it may hold the request, and with it the credentials.
    throw cause instanceof FeedProblem
      ? cause
      : new FeedProblem("unreachable", networkSentence(provider, withinMs, cause));
  }
}

function networkSentence(provider: string, withinMs: number, cause: unknown): string {
  if (cause instanceof Error && cause.name === "TimeoutError")
    return `${provider} did not answer within ${withinMs / 1000} s.`;
  if (cause instanceof Error && cause.message === "terminated")
    return `${provider} broke off in the middle of its answer.`;
  const inner = cause instanceof Error ? (cause.cause ?? cause) : cause;
  const code =
    inner instanceof Error && "code" in inner && typeof inner.code === "string"
      ? inner.code
      : "no connection";
  return `${provider} cannot be reached (${code}).`;
}

const retryAfterLongestMs = 24 * 3_600_000;

/** RFC 9110 §10.2.3, in seconds; nobody in this field sends a date. */
function retryAfterMs(headers: Headers): number | null {
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * 1000, retryAfterLongestMs) : null;
}
