import { cutText, storableText } from "@mailstead/core/text";
import type { z } from "zod";
import { DnsProviderError, type DnsProviderProblem } from "./provider.ts";

/** What most providers need: one token, and where to send it. */
export interface TokenOptions {
  token: string;
  /** Another address than the provider's own only in tests. */
  baseUrl?: string;
}

export interface HttpApiOptions {
  /** The provider's name, as sentences call it. */
  provider: string;
  /** Without a final slash. */
  baseUrl: string;
  /** Texts that no sentence may repeat, whatever the provider answers. */
  secrets: readonly string[];
  /** Headers that show the credentials; made for each request, because some are signatures. */
  authorize(request: HttpApiRequest): Record<string, string>;
  /** What an answer means that its status does not tell. */
  problemOf?(answer: { status: number; body: unknown; text: string }): DnsProviderProblem | null;
  /** The provider's own words in an answer that is no success, when it has any. */
  explain?(body: unknown, text: string): string | null;
  withinMs?: number;
}

export interface HttpApiRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  url: string;
  body: string;
}

export interface HttpApiCall {
  /** Sent as JSON, or as it is when it is a text already. */
  body?: unknown;
  headers?: Record<string, string>;
}

const defaultWithinMs = 20_000;
const answerBytesMax = 8 * 1024 * 1024;
const explanationLengthMax = 200;
// Longer than anybody makes us wait, and long before any moment that is told as one.
const unixTimeFromS = 1_000_000_000;

/** Calls a provider's HTTP interface; each call ends in bounded time, reads a bounded answer, and follows no redirect. */
export class HttpApi {
  readonly #options: HttpApiOptions;

  constructor(options: HttpApiOptions) {
    this.#options = options;
  }

  /** An answer as JSON of this shape. Throws DnsProviderError for everything else. */
  async json<S extends z.ZodType>(
    method: HttpApiRequest["method"],
    path: string,
    { schema, ...call }: HttpApiCall & { schema: S },
  ): Promise<z.output<S>> {
    return this.#parsed((await this.#taken(method, path, call)).body, schema);
  }

  /** A part of a list as JSON of this shape, with the headers that may lead to the next one. Throws as `json` does. */
  async page<T>(path: string, schema: z.ZodType<T>): Promise<{ content: T; headers: Headers }> {
    const { headers, body } = await this.#taken("GET", path, {});
    return { content: this.#parsed(body, schema), headers };
  }

  /** A successful answer as text. Throws DnsProviderError for everything else. */
  async text(method: HttpApiRequest["method"], path: string, call: HttpApiCall = {}): Promise<string> {
    return (await this.#taken(method, path, call)).body;
  }

  /** Words of the provider as a sentence may repeat them: one short line without credentials; null when there are none. */
  scrubbed(text: string | null): string | null {
    if (text === null || text.trim() === "") return null;
    const line = text.replace(/\s+/g, " ").trim();
    const clean = this.#options.secrets
      .filter((secret) => secret.length > 0)
      .reduce((left, secret) => left.replaceAll(secret, "…"), line);
    return cutText(storableText(clean), explanationLengthMax);
  }

  #parsed<S extends z.ZodType>(body: string, schema: S): z.output<S> {
    const parsed = schema.safeParse(parsedJson(body));
    if (parsed.success) return parsed.data;
    throw new DnsProviderError(
      "unreadable",
      `${this.#options.provider} answered something else than its interface promises.`,
    );
  }

  async #taken(
    method: HttpApiRequest["method"],
    path: string,
    call: HttpApiCall,
  ): Promise<{ headers: Headers; body: string }> {
    const { status, headers, body } = await this.#send(method, path, call);
    if (status >= 200 && status < 300) return { headers, body };
    throw this.#refusal(status, headers, body);
  }

  async #send(
    method: HttpApiRequest["method"],
    path: string,
    call: HttpApiCall,
  ): Promise<{ status: number; headers: Headers; body: string }> {
    const { baseUrl, provider, authorize, withinMs = defaultWithinMs } = this.#options;
    const { body: content } = call;
    const body = content === undefined ? "" : typeof content === "string" ? content : JSON.stringify(content);
    const request = { method, url: `${baseUrl}${path}`, body };
    const isJson = content !== undefined && typeof content !== "string";
    try {
      const response = await fetch(request.url, {
        method,
        headers: {
          accept: "application/json",
          ...(isJson ? { "content-type": "application/json" } : {}),
          ...call.headers,
          ...authorize(request),
        },
        ...(body === "" ? {} : { body }),
        // Credentials go where they were meant for and nowhere else.
        redirect: "manual",
        signal: AbortSignal.timeout(withinMs),
      });
      return {
        status: response.status,
        headers: response.headers,
        body: await boundedText(response, provider),
      };
    } catch (cause) {
      throw cause instanceof DnsProviderError ? cause : unreachable(provider, withinMs, cause);
    }
  }

  #refusal(status: number, headers: Headers, body: string): DnsProviderError {
    const { provider, explain } = this.#options;
    const said = this.scrubbed(explain?.(parsedJson(body), body) ?? null);
    const because = said === null ? "" : `: ${said.replace(/[.\s]+$/, "")}`;
    const problem =
      this.#options.problemOf?.({ status, body: parsedJson(body), text: body }) ?? problemOf(status);
    const waitMs = retryAfterMs(headers);
    const sentences: Partial<Record<DnsProviderProblem, string>> = {
      "bad-credentials": `${provider} does not accept the credentials (${status}${because}); enter them again.`,
      "not-allowed": `The credentials for ${provider} may not do this (${status}${because}); give them the right to read and edit DNS zones.`,
      "zone-not-found": `${provider} does not have the zone or record (${status}${because}).`,
      "rate-limited": `${provider} asks us to slow down${forHowLong(waitMs)} (${status}${because}).`,
      "provider-failed": `${provider} failed (${status}${because}).`,
    };
    return new DnsProviderError(
      problem,
      sentences[problem] ?? `${provider} refused the request (${status}${because}).`,
      { retryAfterMs: waitMs },
    );
  }
}

function problemOf(status: number): DnsProviderProblem {
  if (status === 401) return "bad-credentials";
  if (status === 403) return "not-allowed";
  if (status === 404) return "zone-not-found";
  if (status === 429) return "rate-limited";
  if (status === 408 || status >= 500) return "provider-failed";
  return "rejected";
}

/** RFC 9110 §10.2.3: seconds, or a date, which nobody in this field sends; or the moment of the reset in Unix time. */
function retryAfterMs(headers: Headers): number | undefined {
  const value = Number(headers.get("retry-after") ?? headers.get("ratelimit-reset") ?? Number.NaN);
  const theirS = Date.parse(headers.get("date") ?? "") / 1000;
  const seconds = value >= unixTimeFromS ? value - theirS : value;
  const longestS = 3600;
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, longestS) * 1000 : undefined;
}

function forHowLong(ms: number | undefined): string {
  return ms === undefined ? "" : ` for ${Math.ceil(ms / 1000)} s`;
}

/** Where the answer says the next page of its list is (RFC 8288); null on the last. */
export function nextLink(headers: Headers): URL | null {
  const links = [...(headers.get("link") ?? "").matchAll(/<([^>]*)>\s*;\s*rel="?next"?(?=[\s,;]|$)/g)];
  const address = links[0]?.[1];
  return address !== undefined && URL.canParse(address) ? new URL(address) : null;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's error page is no JSON, and the schema refuses it.
    return undefined;
  }
}

async function boundedText(response: Response, provider: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > answerBytesMax)
      throw new DnsProviderError("unreadable", `${provider} answered more than ${answerBytesMax} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The cause is left out: it may hold the request, and with it the credentials. */
function unreachable(provider: string, withinMs: number, cause: unknown): DnsProviderError {
  const isSlow = cause instanceof Error && cause.name === "TimeoutError";
  return new DnsProviderError(
    "unreachable",
    isSlow
      ? `${provider} did not answer within ${withinMs / 1000} s.`
      : `${provider} cannot be reached (${networkReason(cause)}).`,
  );
}

function networkReason(cause: unknown): string {
  const inner = cause instanceof Error ? (cause.cause ?? cause) : cause;
  const code = inner instanceof Error && "code" in inner ? inner.code : undefined;
  return typeof code === "string" ? code : "no connection";
}
