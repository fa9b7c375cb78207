import { createHash } from "node:crypto";
import { clientNetwork, judgeSignIn, knownNetworkMs, signInMemoryMs } from "@mailstead/core/access";
import type { Transaction } from "@mailstead/db";
import { sql } from "drizzle-orm";
import { type AnonymousContext, ServiceError } from "../context/index.ts";

/**
 * Counts an attempt as a failure until it is ended otherwise, and returns its number. Throws `limit-reached` when it
 * may not be made yet; such an attempt is not counted.
 */
export async function beginSignInAttempt(
  ctx: AnonymousContext,
  { account, ipAddress }: { account: string; ipAddress: string },
): Promise<string> {
  const accountDigest = digestOf("email", account);
  const networkDigest = digestOf("network", clientNetwork(ipAddress));
  const now = ctx.now();
  const failuresSince = new Date(now.getTime() - signInMemoryMs);
  return ctx.database.transaction(async (tx) => {
    // One attempt of a network after the other: a burst must not all see the same few failures.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${networkDigest}, 0))`);
    const history = await readHistory(tx, { accountDigest, networkDigest, failuresSince });
    const turn = judgeSignIn(history, now);
    if (turn.kind === "wait") throw tooManyAttempts(turn.until.getTime() - now.getTime());
    const { rows } = await tx.execute<{ id: string }>(
      sql`select begin_sign_in_attempt(${accountDigest}, ${networkDigest}, ${now}, ${failuresSince},
        ${new Date(now.getTime() - knownNetworkMs)}) as id`,
    );
    return rows[0]?.id ?? "0";
  });
}

/** Writes what an attempt came to; success forgives the failures of its network on its account. */
export async function endSignInAttempt(tx: Transaction, attemptId: string, hasSucceeded: boolean) {
  await tx.execute(sql`select end_sign_in_attempt(${attemptId}, ${hasSucceeded})`);
}

async function readHistory(
  tx: Transaction,
  wanted: { accountDigest: string; networkDigest: string; failuresSince: Date },
) {
  // The driver parses timestamps of plain statements to text under drizzle.
  const { rows } = await tx.execute<{
    own_count: number;
    own_last: string | null;
    network_count: number;
    network_last: string | null;
    account_count: number;
    account_last: string | null;
    is_known_network: boolean;
  }>(
    sql`select * from read_sign_in_history(${wanted.accountDigest}, ${wanted.networkDigest}, ${wanted.failuresSince})`,
  );
  const [row] = rows;
  const attempts = (count = 0, last: string | null = null) => ({
    count,
    lastAt: last === null ? null : new Date(last),
  });
  return {
    own: attempts(row?.own_count, row?.own_last),
    network: attempts(row?.network_count, row?.network_last),
    account: attempts(row?.account_count, row?.account_last),
    isKnownNetwork: row?.is_known_network ?? false,
  };
}

function tooManyAttempts(retryAfterMs: number): ServiceError {
  const seconds = Math.ceil(retryAfterMs / 1000);
  const [count, unit] = seconds < 100 ? [seconds, "second"] : [Math.ceil(seconds / 60), "minute"];
  const wait = `${count} ${unit}${count === 1 ? "" : "s"}`;
  return new ServiceError("limit-reached", `Too many failed sign-ins. Try again in ${wait}.`, {
    retryAfterMs,
  });
}

/** Neither an address nor a network is kept in clear. */
function digestOf(kind: "email" | "network", text: string): string {
  return createHash("sha256").update(`${kind}\n${text}`).digest("hex");
}
