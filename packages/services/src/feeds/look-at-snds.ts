import {
  blockOf,
  CsvFault,
  dayOf,
  type FeedDay,
  FeedProblem,
  isSameAddress,
  readSndsDays,
  readSndsStatus,
} from "@mailstead/core/feeds";
import { feedConnections, feedDays } from "@mailstead/db";
import { eq, max } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";
import { askFeed, type FeedHttpOptions, problemOfStatus } from "./feed-http.ts";
import { type FeedAddress, readFeedAddresses } from "./feed-scope.ts";
import type { SealedFeedCredentials } from "./feed-secret.ts";
import type { FeedWorker } from "./feed-worker.ts";
import { sndsLinkOf, takesDate } from "./snds-link.ts";
import { storeFeedDays } from "./store-days.ts";

const answerBytesMax = 16 * 1024 * 1024;
/** How many days the older site is asked for that were missed. */
const missedDaysMax = 7;
const dayMs = 86_400_000;

export interface SndsFeed {
  readonly id: string;
  readonly tenantId: string | null;
  readonly credentials: Extract<SealedFeedCredentials, { kind: "snds" }>;
}

/**
 * Reads what Microsoft tells of the addresses of our servers, and whether it blocks them. Addresses that are not ours are
 * left out. Throws FeedProblem.
 */
export async function lookAtSnds(ctx: ServiceContext, feed: SndsFeed, { net }: FeedWorker): Promise<void> {
  const http: FeedHttpOptions = { provider: "Microsoft SNDS", answerBytesMax, wait: net.wait };
  const { dataLink, statusLink } = feed.credentials;
  const { addresses, newest } = await withTransaction(ctx, async (tx) => {
    const [row] = await tx
      .select({ day: max(feedDays.day) })
      .from(feedDays)
      .where(eq(feedDays.connectionId, feed.id));
    return { addresses: await readFeedAddresses(tx, feed.tenantId), newest: row?.day ?? null };
  });
  const today = dayOf(ctx.now());
  const days: FeedDay[] = [];
  for (const link of linksOf(dataLink, newest, ctx.now()))
    days.push(
      ...readWith((text) => readSndsDays(text, { today }), await fetchText(net.followLink(link), http)),
    );
  const blocked =
    statusLink === "" ? [] : blockedOf(addresses, await fetchText(net.followLink(statusLink), http));
  await withTransaction(ctx, async (tx) => {
    await storeFeedDays(tx, {
      organisationId: ctx.organisationId,
      connectionId: feed.id,
      at: ctx.now(),
      days: days.flatMap((day) => ownDay(day, addresses)),
    });
    await tx.update(feedConnections).set({ blocked }).where(eq(feedConnections.id, feed.id));
  });
}

/** The newest day, and with the older site those that were missed since the last look. */
function linksOf(dataLink: string, newest: string | null, now: Date): string[] {
  if (!takesDate(dataLink)) return [dataLink];
  const missed = Array.from({ length: missedDaysMax }, (_, ago) =>
    dayOf(new Date(now.getTime() - (ago + 2) * dayMs)),
  );
  const links = missed
    .filter((day) => newest === null || day > newest)
    .map((day) => sndsLinkOf(dataLink, day));
  return [dataLink, ...links];
}

function ownDay(day: FeedDay, addresses: readonly FeedAddress[]) {
  const own = addresses.find(({ address }) => isSameAddress(address, day.subject));
  if (own === undefined) return [];
  const { address, serverId, tenantId } = own;
  return [{ day: { ...day, subject: address }, owner: { tenantId, domainId: null, serverId } }];
}

function blockedOf(addresses: readonly FeedAddress[], text: string): { address: string; reason: string }[] {
  const statuses = readWith(readSndsStatus, text);
  return addresses.flatMap(({ address }) => {
    const reason = blockOf(address, statuses);
    return reason === null ? [] : [{ address, reason }];
  });
}

async function fetchText(url: string, http: FeedHttpOptions): Promise<string> {
  const answer = await askFeed({ method: "GET", url, headers: { accept: "text/csv, text/plain" } }, http);
  // 204 and an empty file are how it says that no address had enough mail.
  if (answer.status === 204) return "";
  if (answer.status === 200) return answer.text;
  // A link that has ended leads to the sign-in, or is answered like one with a wrong key.
  if ([301, 302, 303, 307, 400, 401, 403, 404, 410].includes(answer.status))
    throw new FeedProblem(
      "grant-over",
      `Microsoft SNDS does not take the link (${answer.status}); it has most likely ended. Make it anew in the SNDS portal under Automated data access and enter it.`,
    );
  throw problemOfStatus(answer, { provider: "Microsoft SNDS", said: null });
}

function readWith<T>(read: (text: string) => T, text: string): T {
  try {
    return read(text);
  } catch (cause) {
    throw cause instanceof CsvFault ? problemOfFault(cause) : cause;
  }
}

function problemOfFault(cause: CsvFault): FeedProblem {
  const isPage = /web page/.test(cause.message);
  return new FeedProblem(
    isPage ? "grant-over" : "unreadable",
    `Microsoft SNDS answered something else than its file. ${cause.message}${isPage ? " Make the link anew in the SNDS portal and enter it." : ""}`,
    { cause },
  );
}
