import {
  type ComplianceRow,
  FeedProblem,
  type GoogleMetric,
  type GoogleStat,
  googleCompliance,
  googleComplianceSchema,
  googleStatSchema,
} from "@mailstead/core/feeds";
import { z } from "zod";
import {
  askFeed,
  type FeedAnswer,
  type FeedHttpOptions,
  jsonOf,
  problemOfStatus,
  scrubbed,
} from "./feed-http.ts";

export const googleApiUrl = "https://gmailpostmastertools.googleapis.com";

const domainSchema = z.object({
  name: z.string().max(300),
  permission: z.string().optional(),
  verificationState: z.string().optional(),
});
const listSchema = z.object({
  domains: z.array(domainSchema).default([]),
  nextPageToken: z.string().optional(),
});
const statsSchema = z.object({
  domainStats: z.array(googleStatSchema).default([]),
  nextPageToken: z.string().optional(),
});
const tokenSchema = z.object({ token: z.string().min(1).max(500) });
const errorSchema = z.object({
  error: z.object({
    message: z.string().default(""),
    status: z.string().optional(),
    details: z.array(z.object({ reason: z.string().optional() })).optional(),
  }),
});

const pageSizeMax = 200;
const pagesMax = 100;

/** A domain as the connected account sees it. */
export interface GoogleDomain {
  readonly name: string;
  /** Whether its figures may be read. */
  readonly isVerified: boolean;
}

/** Gmail's Postmaster Tools API, version 2. Every method throws FeedProblem for whatever Google or the network does. */
export class GoogleClient {
  readonly #baseUrl: string;
  readonly #accessToken: string;
  readonly #http: FeedHttpOptions;

  constructor({
    baseUrl,
    accessToken,
    http,
  }: { baseUrl: string; accessToken: string; http: FeedHttpOptions }) {
    this.#baseUrl = baseUrl;
    this.#accessToken = accessToken;
    this.#http = http;
  }

  /** Every domain that was added to the account. */
  async listDomains(): Promise<GoogleDomain[]> {
    const found: GoogleDomain[] = [];
    let pageToken = "";
    for (let page = 0; page < pagesMax; page += 1) {
      const query = new URLSearchParams({
        pageSize: String(pageSizeMax),
        ...(pageToken === "" ? {} : { pageToken }),
      });
      const answer = await this.#ask("GET", `/v2/domains?${query}`, { schema: listSchema });
      found.push(...answer.domains.map(toDomain));
      pageToken = answer.nextPageToken ?? "";
      if (pageToken === "") return found;
    }
    throw endless("domains");
  }

  /** Adds a domain to the account; one that is there already stays. */
  async createDomain(name: string): Promise<void> {
    try {
      await this.#ask("POST", "/v2/domains", { schema: z.unknown(), body: { domainId: name } });
    } catch (problem) {
      if (!(problem instanceof FeedProblem && problem.code === "exists")) throw problem;
    }
  }

  /** The value of the TXT record that proves the domain. */
  async getVerificationToken(name: string): Promise<string> {
    const path = `/v2/domains/${encodeURIComponent(name)}/verificationToken?verificationMethod=TXT`;
    return (await this.#ask("GET", path, { schema: tokenSchema })).token;
  }

  /** Has Google look for the record. False while it does not see it. */
  async verifyDomain(name: string): Promise<boolean> {
    try {
      await this.#ask("POST", `/v2/domains/${encodeURIComponent(name)}:verify`, {
        schema: z.unknown(),
        body: { verificationMethod: "TXT" },
      });
      return true;
    } catch (problem) {
      // FAILED_PRECONDITION and PERMISSION_DENIED both mean that the record was not found.
      if (problem instanceof FeedProblem && ["rejected", "not-allowed"].includes(problem.code)) return false;
      throw problem;
    }
  }

  /** The values of these metrics on each day from one to another, both included. */
  async queryStats(
    name: string,
    { metrics, from, until }: { metrics: readonly GoogleMetric[]; from: string; until: string },
  ): Promise<GoogleStat[]> {
    const stats: GoogleStat[] = [];
    let pageToken = "";
    for (let page = 0; page < pagesMax; page += 1) {
      const answer = await this.#ask("POST", `/v2/domains/${encodeURIComponent(name)}/domainStats:query`, {
        schema: statsSchema,
        body: {
          metricDefinitions: metrics,
          timeQuery: { dateRanges: { dateRanges: [{ start: dateOf(from), end: dateOf(until) }] } },
          aggregationGranularity: "DAILY",
          pageSize: pageSizeMax,
          ...(pageToken === "" ? {} : { pageToken }),
        },
      });
      stats.push(...answer.domainStats);
      pageToken = answer.nextPageToken ?? "";
      if (pageToken === "") return stats;
    }
    throw endless(`figures of ${name}`);
  }

  /** How Google sees that the domain keeps its rules. */
  async getCompliance(name: string): Promise<ComplianceRow[]> {
    const path = `/v2/domains/${encodeURIComponent(name)}/complianceStatus`;
    return googleCompliance(await this.#ask("GET", path, { schema: googleComplianceSchema }));
  }

  async #ask<S extends z.ZodType>(
    method: "GET" | "POST",
    path: string,
    { schema, body }: { schema: S; body?: unknown },
  ): Promise<z.output<S>> {
    const answer = await askFeed(
      {
        method,
        url: `${this.#baseUrl}${path}`,
        headers: {
          authorization: `Bearer ${this.#accessToken}`,
          accept: "application/json",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      this.#http,
    );
    if (answer.status !== 200) throw this.#refusal(answer);
    const parsed = schema.safeParse(jsonOf(answer.text));
    if (parsed.success) return parsed.data;
    throw new FeedProblem("unreadable", "Google answered something else than its interface promises.");
  }

  #refusal(answer: FeedAnswer): FeedProblem {
    const error = errorSchema.safeParse(jsonOf(answer.text)).data?.error;
    const said =
      error === undefined || error.message === "" ? null : scrubbed(error.message, [this.#accessToken]);
    const reasons = (error?.details ?? []).map(({ reason }) => reason);
    if (answer.status === 403 && reasons.includes("SERVICE_DISABLED"))
      return new FeedProblem(
        "bad-credentials",
        "The Gmail Postmaster Tools API is switched off in the Google Cloud project of these credentials; switch it on there under APIs & Services, Library.",
      );
    if (answer.status === 403 && reasons.includes("ACCESS_TOKEN_SCOPE_INSUFFICIENT"))
      return new FeedProblem(
        "bad-credentials",
        "The consent does not cover https://www.googleapis.com/auth/postmaster; give it anew with that scope and connect again.",
      );
    // Google says of a quota that is used up by 403 as well as by 429.
    if (
      answer.status === 403 &&
      reasons.some((reason) => reason?.includes("RATE_LIMIT") || reason?.includes("QUOTA"))
    )
      return problemOfStatus({ ...answer, status: 429 }, { provider: "Google", said });
    return problemOfStatus(answer, { provider: "Google", said });
  }
}

function toDomain({ name, permission, verificationState }: z.output<typeof domainSchema>): GoogleDomain {
  const mayRead = permission === "OWNER" || permission === "READER";
  return {
    name: name.replace(/^domains\//, "").toLowerCase(),
    isVerified: verificationState === "VERIFIED" || (verificationState === undefined && mayRead),
  };
}

function dateOf(day: string): { year: number; month: number; day: number } {
  const [year = 0, month = 0, date = 0] = day.split("-").map(Number);
  return { year, month, day: date };
}

function endless(what: string): FeedProblem {
  return new FeedProblem(
    "unreadable",
    `Google lists more than ${pagesMax} pages of ${what}, of which no more is read.`,
  );
}
