import {
  type ComplianceRow,
  dayOf,
  type FeedDay,
  FeedProblem,
  googleDays,
  googleLoopIds,
  googleLoopMetric,
  googleMetrics,
  senderIdOf,
} from "@mailstead/core/feeds";
import { feedDays, feedDomains } from "@mailstead/db";
import { and, asc, eq, max, sql } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";
import type { FeedHttpOptions } from "./feed-http.ts";
import { type FeedDomain, readFeedDomains } from "./feed-scope.ts";
import type { SealedFeedCredentials } from "./feed-secret.ts";
import type { FeedWorker } from "./feed-worker.ts";
import { GoogleClient, type GoogleDomain } from "./google-client.ts";
import { fetchGoogleToken } from "./google-token.ts";
import { isProvenDomain } from "./is-proven-domain.ts";
import { type DomainProof, proveDomain } from "./prove-domain.ts";
import { storeFeedDays } from "./store-days.ts";

const answerBytesMax = 8 * 1024 * 1024;
/** How far back the first look goes. */
const firstDays = 30;
/** Google corrects days for a while after it first told them. */
const againDays = 3;
const loopsAskedMax = 20;
/** One domain that Google fails on says nothing of the next; so many in a row do. */
const failuresInRowMax = 3;
const dayMs = 86_400_000;

export interface GoogleFeed {
  readonly id: string;
  readonly tenantId: string | null;
  readonly label: string;
  readonly verifiesDomains: boolean;
  readonly credentials: Extract<SealedFeedCredentials, { kind: "google-oauth" | "google-service-account" }>;
}

/**
 * Reads what Google tells of every domain in the feed's scope, and has it know those that it does not. Each domain is kept
 * as soon as it was read, so that a look that is cut short goes on where it ended. A domain that Google does not show, that is
 * not proven to be ours, or that Google fails on, keeps none of the others from being read. Throws FeedProblem for what concerns
 * them all, and at the end for the first that failed.
 */
export async function lookAtGoogle(ctx: ServiceContext, feed: GoogleFeed, worker: FeedWorker): Promise<void> {
  const { net } = worker;
  const http: FeedHttpOptions = { provider: "Google", answerBytesMax, wait: net.wait };
  const accessToken = await fetchGoogleToken({
    credentials: feed.credentials,
    tokenUrl: net.googleTokenUrl,
    http,
    now: ctx.now(),
  });
  const client = new GoogleClient({ baseUrl: net.googleApiUrl, accessToken, http });
  const known = new Map((await client.listDomains()).map((domain) => [domain.name, domain]));
  let first: FeedProblem | null = null;
  let inRow = 0;
  for (const domain of await domainsInTurn(ctx, feed)) {
    const problem = await lookAtDomain(ctx, { feed, worker, client, domain, known });
    inRow = problem === null ? 0 : inRow + 1;
    first ??= problem;
    if (inRow === failuresInRowMax) break;
  }
  if (first !== null) throw first;
}

/** Those first that were looked at longest ago, and those last that Google failed on. */
async function domainsInTurn(ctx: ServiceContext, feed: GoogleFeed): Promise<FeedDomain[]> {
  return withTransaction(ctx, async (tx) => {
    const domains = await readFeedDomains(tx, feed.tenantId);
    const looks = await tx
      .select({ domainId: feedDomains.domainId })
      .from(feedDomains)
      .where(eq(feedDomains.connectionId, feed.id))
      .orderBy(asc(hasFailed), asc(feedDomains.lookedAt));
    const places = new Map(looks.map(({ domainId }, place) => [domainId, place]));
    return domains.sort((a, b) => (places.get(a.id) ?? -1) - (places.get(b.id) ?? -1));
  });
}

const hasFailed = sql`${feedDomains.state} = 'verified' and ${feedDomains.problem} is not null`;

interface DomainLook {
  readonly feed: GoogleFeed;
  readonly worker: FeedWorker;
  readonly client: GoogleClient;
  readonly domain: FeedDomain;
  readonly known: ReadonlyMap<string, GoogleDomain>;
}

/** Reads one domain. Returns what failed for it, and may not for the next. */
async function lookAtDomain(ctx: ServiceContext, look: DomainLook): Promise<FeedProblem | null> {
  const { feed, domain, known, client, worker } = look;
  try {
    if (!(await withTransaction(ctx, (tx) => isProvenDomain(tx, domain)))) {
      await keepStanding(ctx, look, { state: "refused", toPaste: null, problem: notProven });
      return null;
    }
    const listed = known.get(domain.name);
    if (listed?.isVerified !== true) {
      const proof = await proofOf(ctx, look, listed);
      await keepStanding(ctx, look, proof);
      if (proof.state !== "verified") return null;
    }
    const days = await readDays(ctx, { client, feed, domain });
    const compliance = await client.getCompliance(domain.name);
    await withTransaction(ctx, (tx) =>
      storeFeedDays(tx, {
        organisationId: ctx.organisationId,
        connectionId: feed.id,
        at: ctx.now(),
        days: days.map((day) => ({
          day,
          owner: { tenantId: domain.tenantId, domainId: domain.id, serverId: null },
        })),
      }),
    );
    await keepStanding(ctx, look, { state: "verified", toPaste: null, problem: null, compliance });
  } catch (problem) {
    if (!(problem instanceof FeedProblem)) throw problem;
    if (mayBeOfDomain(problem)) {
      await keepFailure(ctx, look, problem);
      return new FeedProblem(problem.code, `${domain.name}: ${problem.message}`, {
        retryAfterMs: problem.retryAfterMs,
      });
    }
    if (!isOfDomain(problem)) throw problem;
    await keepStanding(
      ctx,
      { feed, domain, worker, client, known },
      {
        state: "refused",
        toPaste: null,
        problem: problem.message,
      },
    );
  }
  return null;
}

const notProven =
  "It is not proven to be yours: the last check of its DNS saw no DKIM record of ours there. Publish that record, and the feed reads the domain after the next check.";

/** What Google says of one domain says nothing of the others. */
function isOfDomain({ code }: FeedProblem): boolean {
  return code === "not-allowed" || code === "not-found" || code === "rejected";
}

/** It may also be Google as a whole, or the way there. */
function mayBeOfDomain({ code }: FeedProblem): boolean {
  return code === "provider-failed" || code === "unreadable" || code === "unreachable";
}

async function proofOf(
  ctx: ServiceContext,
  { feed, worker, client, domain }: DomainLook,
  listed: GoogleDomain | undefined,
): Promise<DomainProof> {
  if (feed.verifiesDomains)
    return proveDomain(
      { client, publisher: worker.publisher },
      { organisationId: ctx.organisationId, domain, isListed: listed !== undefined },
    );
  return {
    state: "refused",
    toPaste: null,
    problem:
      listed === undefined
        ? "It was not added to this account. Add it in Postmaster Tools, or let Mailstead add domains."
        : "It is not verified for this account. Verify it in Postmaster Tools, or let Mailstead verify domains.",
  };
}

async function readDays(
  ctx: ServiceContext,
  { client, feed, domain }: { client: GoogleClient; feed: GoogleFeed; domain: FeedDomain },
): Promise<FeedDay[]> {
  const newest = await withTransaction(ctx, async (tx) => {
    const [row] = await tx
      .select({ day: max(feedDays.day) })
      .from(feedDays)
      .where(and(eq(feedDays.connectionId, feed.id), eq(feedDays.domainId, domain.id)));
    return row?.day ?? null;
  });
  const now = ctx.now().getTime();
  const first = now - firstDays * dayMs;
  const again = newest === null ? first : Date.parse(newest) - againDays * dayMs;
  const span = { from: dayOf(new Date(Math.max(first, again))), until: dayOf(new Date(now)) };
  const stats = await client.queryStats(domain.name, { ...span, metrics: googleMetrics });
  // Ours first: by them complaints join to a customer.
  const ids = googleLoopIds(stats)
    .sort((a, b) => Number(senderIdOf(b) !== null) - Number(senderIdOf(a) !== null))
    .slice(0, loopsAskedMax);
  const metrics = ids.map(googleLoopMetric).filter((metric) => metric !== null);
  const loops = metrics.length === 0 ? [] : await client.queryStats(domain.name, { ...span, metrics });
  return googleDays(domain.name, [...stats, ...loops]);
}

/** Its turn is over, or the same domains would fail first at each look. What it was told before stays, and of when that is. */
async function keepFailure(
  ctx: ServiceContext,
  { feed, domain }: DomainLook,
  { message }: FeedProblem,
): Promise<void> {
  const first = { state: "waiting" as const, toPaste: null, problem: message, lookedAt: ctx.now() };
  const lookedAt = sql`case when ${feedDomains.state} = 'verified' then ${feedDomains.lookedAt} else excluded.looked_at end`;
  await withTransaction(ctx, (tx) =>
    tx
      .insert(feedDomains)
      .values({ ...placeOf(ctx, { feed, domain }), ...first })
      .onConflictDoUpdate({
        target: [feedDomains.connectionId, feedDomains.domainId],
        set: { problem: message, lookedAt },
      }),
  );
}

async function keepStanding(
  ctx: ServiceContext,
  { feed, domain }: DomainLook,
  standing: DomainProof & { compliance?: readonly ComplianceRow[] },
): Promise<void> {
  const said = { ...standing, lookedAt: ctx.now() };
  await withTransaction(ctx, (tx) =>
    tx
      .insert(feedDomains)
      .values({ ...placeOf(ctx, { feed, domain }), ...said })
      .onConflictDoUpdate({ target: [feedDomains.connectionId, feedDomains.domainId], set: said }),
  );
}

function placeOf({ organisationId }: ServiceContext, { feed, domain }: Pick<DomainLook, "feed" | "domain">) {
  return { connectionId: feed.id, domainId: domain.id, organisationId, tenantId: domain.tenantId };
}
