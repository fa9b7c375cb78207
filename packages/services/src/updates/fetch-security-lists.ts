import { createHash } from "node:crypto";
import { suiteSchema } from "@mailstead/core/servers";
import { securityLists, servers, type Transaction } from "@mailstead/db";
import { and, eq, lte, sql } from "drizzle-orm";
import { z } from "zod";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { type FetchedList, fetchSecurityList } from "./security-list-source.ts";

/** Debian's own security tracker, in the place that debsecan(1) reads. */
export const debianSecurityLists = "https://security-tracker.debian.org/tracker/debsecan/release/1";

const everyMs = 60 * 60_000;
const againMs = 15 * 60_000;
/** Another worker leaves a list alone while this one fetches it. */
const leaseMs = 10 * 60_000;
const isOffSentence = "SECURITY_LISTS_URL is off, so nobody asks for it.";

export interface ListFetches {
  readonly fetched: readonly { suite: string; issueCount: number }[];
  readonly failed: readonly { suite: string; sentence: string }[];
}

/**
 * Fetches Debian's list for each release that a server has, when it is due: each hour, and sooner after a failure. What
 * cannot be fetched or read leaves the one before in place, and is noted. A null `baseUrl` asks nobody.
 */
export async function fetchSecurityLists(
  ctx: SystemContext,
  { baseUrl }: { baseUrl: string | null },
): Promise<ListFetches> {
  const fetched: { suite: string; issueCount: number }[] = [];
  const failed: { suite: string; sentence: string }[] = [];
  for (const { suite, etag, lastModified } of await claimDue(ctx)) {
    const got: FetchedList =
      baseUrl === null
        ? { kind: "failed", sentence: isOffSentence }
        : await fetchSecurityList({ baseUrl, suite }, { etag, lastModified });
    await withSystemTransaction(ctx, (tx) => note(tx, { suite, got, now: ctx.now() }));
    if (got.kind === "new") fetched.push({ suite, issueCount: got.issueCount });
    // Who switched it off knows it.
    if (got.kind === "failed" && baseUrl !== null) failed.push({ suite, sentence: got.sentence });
  }
  return { fetched, failed };
}

function claimDue(
  ctx: SystemContext,
): Promise<{ suite: string; etag: string | null; lastModified: string | null }[]> {
  const now = ctx.now();
  return withSystemTransaction(ctx, async (tx) => {
    for (const suite of await readSuites(tx))
      await tx.insert(securityLists).values({ suite, nextTryAt: now }).onConflictDoNothing();
    return tx
      .update(securityLists)
      .set({ nextTryAt: new Date(now.getTime() + leaseMs) })
      .where(and(lte(securityLists.nextTryAt, now)))
      .returning({
        suite: securityLists.suite,
        etag: securityLists.etag,
        lastModified: securityLists.lastModified,
      });
  });
}

async function readSuites(tx: Transaction): Promise<readonly string[]> {
  const { rows } = await tx.execute(
    sql`select distinct ${servers.facts} ->> 'suite' as suite from ${servers} where ${servers.facts} is not null`,
  );
  return z
    .array(z.object({ suite: z.unknown() }))
    .parse(rows)
    .flatMap(({ suite }) => suiteSchema.safeParse(suite).data ?? []);
}

async function note(
  tx: Transaction,
  { suite, got, now }: { suite: string; got: FetchedList; now: Date },
): Promise<void> {
  const nextTryAt = new Date(now.getTime() + (got.kind === "failed" ? againMs : everyMs));
  const tried = { triedAt: now, nextTryAt, problem: got.kind === "failed" ? got.sentence : null };
  const news =
    got.kind === "new"
      ? {
          body: got.body,
          digest: createHash("sha256").update(got.body).digest("hex"),
          issueCount: got.issueCount,
          ...got.known,
        }
      : {};
  await tx
    .update(securityLists)
    .set({ ...tried, ...news, ...(got.kind === "failed" ? {} : { fetchedAt: now }) })
    .where(eq(securityLists.suite, suite));
}
