import { createHash } from "node:crypto";
import { cacheWaitMs } from "@mailstead/core/dkim";
import { dkimKeys, type Transaction } from "@mailstead/db";
import { eq } from "drizzle-orm";
import type { ServiceContext } from "../context/index.ts";
import { tell } from "../dkim/index.ts";
import type { Witness } from "../dns/index.ts";
import { type LoadedRotation, shownNow } from "./load-rotation.ts";
import { lookupName, recordOfKey } from "./rotation-records.ts";

/**
 * The names that receivers look up for a rotation's keys, and where those lead elsewhere by delegation, also the names
 * there: how long resolvers keep what stands there is known before the alias is.
 */
export function namesToAsk({ keys, domainName }: LoadedRotation): string[] {
  const living = keys.filter(({ state }) => state !== "destroyed");
  const names = living.flatMap((key) => [
    lookupName(key, domainName),
    ...(key.publishedAtName === null ? [] : [key.publishedAtName]),
  ]);
  return [...new Set(names)];
}

/**
 * Takes in what the name servers said: since when each key is shown by all, how long resolvers may remember what stood
 * there before, and, when it is news, the answers themselves as evidence.
 */
export async function takeInWitness(
  tx: Transaction,
  ctx: ServiceContext,
  { loaded, witness }: { loaded: LoadedRotation; witness: Witness },
): Promise<void> {
  if (witness.kind !== "heard") return;
  const now = ctx.now();
  for (const key of loaded.keys) {
    const shown = shownNow(key, loaded.domainName, witness);
    // A look that could not ask all of them takes nothing back: what was published was not withdrawn by silence.
    const since = shown === "all" ? (key.shownSince ?? now) : shown === "not" ? null : key.shownSince;
    if (since?.getTime() === key.shownSince?.getTime()) continue;
    key.shownSince = since;
    await tx.update(dkimKeys).set({ shownSince: since }).where(eq(dkimKeys.id, key.id));
  }
  keepLongestWait(loaded, witness);
  const digest = createHash("sha256").update(JSON.stringify(witness)).digest("hex");
  if (digest === loaded.progress.witnessDigest) return;
  loaded.progress = { ...loaded.progress, witnessDigest: digest };
  await tell(tx, ctx, {
    rotation: loaded.row,
    kind: "looked",
    sentence: sentenceOf(loaded, witness),
    evidence: witness,
  });
}

/** TTLs under the new names count only from before their records were put there: those were somebody else's. */
function keepLongestWait(
  { row, progress, keys }: LoadedRotation,
  witness: Extract<Witness, { kind: "heard" }>,
): void {
  const servers = witness.zones.flatMap((zone) => zone.servers);
  // The step changes only at the look after the provider took the records, and that look sees them already.
  const isPublished = progress.publication?.kind === "published";
  const isBefore = (row.step === "generating" || row.step === "publishing") && !isPublished;
  // Under a name that had another key before, what was published meanwhile is kept as long as what stood there.
  const isReused =
    row.step === "propagating" && keys.some((key) => key.madeBy === row.id && key.isNameReused);
  const waitMs = cacheWaitMs(
    {
      soaMinimumsSeconds: servers.map(({ soaMinimumSeconds }) => soaMinimumSeconds ?? 0),
      formerTtlsSeconds:
        isBefore || isReused ? servers.map(({ longestTtlSeconds }) => longestTtlSeconds ?? 0) : [],
    },
    row.timing,
  );
  row.cacheWaitMs = Math.max(row.cacheWaitMs, waitMs);
}

function sentenceOf(loaded: LoadedRotation, witness: Extract<Witness, { kind: "heard" }>): string {
  const keys = loaded.keys.filter((key) => key.state !== "destroyed" && key.state !== "revoked");
  const shown = keys.filter((key) => shownNow(key, loaded.domainName, witness) === "all");
  const servers = new Set(witness.zones.flatMap((zone) => zone.servers.map(({ address }) => address)));
  const without = keys.filter((key) => !shown.includes(key) && recordOfKey(key, loaded.domainName) !== null);
  const missing =
    without.length === 0 ? "" : ` Not on all of them: ${without.map(({ selector }) => selector).join(", ")}.`;
  return `Asked ${servers.size} addresses of name servers; all show ${shown.map(({ selector }) => selector).join(", ") || "none of the keys"}.${missing}`;
}
