import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Manifest, manifestText } from "@mailstead/core/agent-updates";
import { replaceFile, signText } from "./key-text.ts";
import { paperPattern, type ReleaseKeys } from "./release-keys.ts";

const daySeconds = 86_400;
const manifestLifeSeconds = 180 * daySeconds;
// Signed anew by each build after so long, and not by every one, since orders name a manifest by its digest.
const manifestKeptSeconds = 30 * daySeconds;
/** Rollouts have so long before hosts go by themselves. */
const unattendedAfterSeconds = 14 * daySeconds;

/** A version that hosts were offered. A rollback offers a version once more, under a number of its own. */
export interface Offer {
  readonly version: string;
  readonly number: number;
  readonly offeredAt: number;
  readonly signedAt: number;
  readonly rollsBackFrom: readonly string[] | null;
}

export interface OfferRequest {
  readonly version: string;
  readonly rollsBackFrom: readonly string[] | null;
  readonly nowUnixSeconds: number;
}

/** The offers after a build, newest last. `isBehind` when a newer version was offered, and nothing says to go back. */
export function offerVersion(
  offers: readonly Offer[],
  { version, rollsBackFrom, nowUnixSeconds }: OfferRequest,
): { offers: readonly Offer[]; isBehind: boolean } {
  const newest = offers.at(-1);
  const sameRollback = String(newest?.rollsBackFrom) === String(rollsBackFrom ?? newest?.rollsBackFrom);
  if (newest?.version === version && sameRollback) {
    const isFresh = nowUnixSeconds - newest.signedAt < manifestKeptSeconds;
    const kept = isFresh ? newest : { ...newest, signedAt: nowUnixSeconds };
    return { offers: [...offers.slice(0, -1), kept], isBehind: false };
  }
  if (rollsBackFrom === null && offers.some((offer) => offer.version === version))
    return { offers, isBehind: true };
  // The time keeps numbers growing when the folder of releases was lost.
  const number = Math.max((newest?.number ?? 0) + 1, nowUnixSeconds);
  const offer = { version, number, offeredAt: nowUnixSeconds, signedAt: nowUnixSeconds, rollsBackFrom };
  return { offers: [...offers, offer], isBehind: false };
}

export interface UpdatePublication {
  readonly releasesDir: string;
  readonly keys: Pick<ReleaseKeys, "releaseKey" | "papers">;
  readonly files: Pick<Manifest, "updater" | "agents">;
  readonly request: OfferRequest;
}

/** Writes what updaters of hosts ask for: the manifest, and the papers that lead from their root key to its signature. */
export function publishUpdates(publication: UpdatePublication): { number: number; problem: string | null } {
  const { releasesDir, request, files, keys } = publication;
  const { version } = request;
  publishPapers(releasesDir, keys.papers);

  const ledgerFile = join(releasesDir, ".offers.json");
  const before: Offer[] = existsSync(ledgerFile) ? JSON.parse(readFileSync(ledgerFile, "utf8")) : [];
  const { offers, isBehind } = offerVersion(before, request);
  replaceFile(ledgerFile, `${JSON.stringify(offers, null, 2)}\n`);
  const number = offers.findLast((offer) => offer.version === version)?.number ?? 0;
  const newest = offers.at(-1);
  if (newest === undefined || isBehind)
    return {
      number,
      problem: `Agent ${version} was offered before agent ${newest?.version}, which hosts keep; to lead them back run: npm run build:agent -- --roll-back-from ${newest?.version}`,
    };
  const text = manifestText({
    ...files,
    number,
    channel: "stable",
    version,
    created: newest.signedAt,
    expires: newest.signedAt + manifestLifeSeconds,
    unattendedFrom: newest.offeredAt + unattendedAfterSeconds,
    rollsBackFrom: newest.rollsBackFrom,
  });
  for (const place of [version, ""])
    replaceFile(join(releasesDir, place, "agent-manifest"), signText(text, keys.releaseKey));
  return { number, problem: null };
}

function publishPapers(releasesDir: string, papers: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(papers)) replaceFile(join(releasesDir, name), text);
  // A root key that has given its place away certifies nothing any more.
  for (const name of readdirSync(releasesDir))
    if (paperPattern.test(name) && papers[name] === undefined) rmSync(join(releasesDir, name));
}
