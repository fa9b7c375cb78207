import { FeedProblem } from "@mailstead/core/feeds";
import { feedConnections, googleApps, googleConsents } from "@mailstead/db";
import { and, eq, isNotNull, isNull } from "drizzle-orm";
import {
  type ServiceContext,
  type SystemContext,
  seeToEach,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import { consentPurpose } from "./begin-google-consent.ts";
import { feedPurpose, type SealedFeedCredentials } from "./feed-secret.ts";
import type { FeedWorker } from "./feed-worker.ts";
import { googleAppPurpose } from "./google-app.ts";
import { type CodeTrade, tradeGoogleCode } from "./google-code.ts";

const answerBytesMax = 256 * 1024;
/** A worker that has taken longer is gone. */
const tradeWithinMs = 5 * 60_000;

type Given = typeof googleConsents.$inferSelect & {
  readonly connectionId: string;
  readonly codeBox: string;
  readonly secretBox: string;
};

/**
 * Trades what people came back with from Google for tokens, each code once, and has their feeds read. What went wrong is
 * kept with the feed in a sentence, and a feed that had credentials keeps them. Gives the feeds in which we ourselves failed.
 */
export async function tradeGoogleCodes(
  ctx: SystemContext,
  worker: FeedWorker,
): Promise<{ connectionId: string; cause: unknown }[]> {
  const { app, installation } = worker;
  const rows = await findGiven(ctx);
  const failed = await seeToEach(ctx, { rows, app, installation }, async (own, row) => {
    const now = own.now();
    const isOver = row.expiresAt <= now || row.claimedAt !== null;
    if (isOver) {
      const isLost = row.claimedAt === null || row.claimedAt.getTime() <= now.getTime() - tradeWithinMs;
      if (isLost) await settle(own, row, tooLate());
      return undefined;
    }
    if (!(await claim(own, row))) return undefined;
    const outcome = await trade(row, worker);
    const mayWait = outcome instanceof FeedProblem && outcome.kind === "temporary";
    if (mayWait) await letGo(own, row);
    else await settle(own, row, outcome);
    return undefined;
  });
  return failed.map(({ row: { connectionId }, cause }) => ({ connectionId, cause }));
}

function findGiven(ctx: SystemContext): Promise<Given[]> {
  return withSystemTransaction(ctx, async (tx) => {
    const rows = await tx
      .select({ consent: googleConsents, secretBox: googleApps.box })
      .from(googleConsents)
      .innerJoin(googleApps, eq(googleApps.organisationId, googleConsents.organisationId))
      .where(and(isNotNull(googleConsents.codeBox), isNotNull(googleConsents.connectionId)));
    return rows.map(({ consent, secretBox }) => ({ ...consent, secretBox }) as Given);
  });
}

/** A code that two workers trade ends what the first of them got (RFC 6749 §4.1.2). */
function claim(ctx: ServiceContext, { id }: Given): Promise<boolean> {
  return withTransaction(ctx, async (tx) => {
    const claimed = await tx
      .update(googleConsents)
      .set({ claimedAt: ctx.now() })
      .where(and(eq(googleConsents.id, id), isNull(googleConsents.claimedAt)))
      .returning({ id: googleConsents.id });
    return claimed.length > 0;
  });
}

/** Google was not there: the next run tries again, as long as the consent lasts. */
function letGo(ctx: ServiceContext, { id }: Given): Promise<void> {
  return withTransaction(ctx, async (tx) => {
    await tx.update(googleConsents).set({ claimedAt: null }).where(eq(googleConsents.id, id));
  });
}

async function trade(row: Given, { opener, net }: FeedWorker): Promise<FeedProblem | Traded> {
  try {
    const purpose = consentPurpose(row.id);
    const asked: CodeTrade = {
      code: opener.open(purpose, row.codeBox),
      verifier: opener.open(purpose, row.box),
      clientId: row.clientId,
      clientSecret: opener.open(googleAppPurpose(row.organisationId), row.secretBox),
      redirectUri: row.redirectUri,
    };
    const http = { provider: "Google", answerBytesMax, wait: net.wait };
    const grant = await tradeGoogleCode(asked, { tokenUrl: net.googleTokenUrl, http });
    const credentials: SealedFeedCredentials = {
      kind: "google-oauth",
      clientId: asked.clientId,
      clientSecret: asked.clientSecret,
      refreshToken: grant.refreshToken,
    };
    const box = opener.seal(feedPurpose(row.connectionId), JSON.stringify(credentials));
    return { credentials: { box, account: grant.email ?? row.clientId } };
  } catch (problem) {
    if (problem instanceof FeedProblem) return problem;
    throw problem;
  }
}

/** What a feed reads by from now on, sealed. */
interface Traded {
  readonly credentials: { readonly box: string; readonly account: string };
}

function settle(ctx: ServiceContext, row: Given, outcome: FeedProblem | Traded): Promise<void> {
  const { id, connectionId } = row;
  return withTransaction(ctx, async (tx) => {
    await tx.delete(googleConsents).where(eq(googleConsents.id, id));
    const [feed] = await tx
      .select({ account: feedConnections.account, label: feedConnections.label })
      .from(feedConnections)
      .where(eq(feedConnections.id, connectionId))
      .for("update");
    if (feed === undefined) return;
    const now = ctx.now();
    const problem = outcome instanceof FeedProblem ? outcome : wrongAccount(outcome, feed);
    const told =
      problem === null
        ? { ...(outcome as Traded).credentials, failures: 0, nextLookAt: now }
        : {
            state: "failing" as const,
            problem: problem.message,
            problemKind: problem.kind,
            problemSince: now,
            lookedAt: now,
          };
    await tx.update(feedConnections).set(told).where(eq(feedConnections.id, connectionId));
  });
}

/** A feed goes on with the account that it was connected to; another one sees other domains. */
function wrongAccount({ credentials }: Traded, feed: { account: string; label: string }): FeedProblem | null {
  const { account } = credentials;
  const areBothKnown = account.includes("@") && feed.account.includes("@");
  if (!areBothKnown || account === feed.account) return null;
  return new FeedProblem(
    "not-allowed",
    `This consent is of ${account}, and ${feed.label} reads as ${feed.account}. Connect again with that account, or connect ${account} as a feed of its own.`,
  );
}

function tooLate(): FeedProblem {
  return new FeedProblem(
    "grant-over",
    "Google's code was not traded in time, because Google or our worker was away. Connect again.",
  );
}
