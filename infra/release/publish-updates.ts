import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type Delegation,
  delegationText,
  type Manifest,
  manifestText,
  parseDelegation,
  withSignature,
} from "@mailstead/core/agent-updates";
import { readSigningKey } from "./statement.ts";

const daySeconds = 86_400;
const delegationLifeSeconds = 400 * daySeconds;
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
  readonly rootKey: KeyObject;
  /** Made when it is missing. */
  readonly releaseKeyFile: string;
  readonly files: Pick<Manifest, "updater" | "agents">;
  readonly request: OfferRequest;
}

/** Writes the delegation and the manifest that updaters of hosts ask for. */
export function publishUpdates(publication: UpdatePublication): { number: number; problem: string | null } {
  const { releasesDir, request, files, rootKey } = publication;
  const { version, nowUnixSeconds } = request;
  const releaseKey = provideReleaseKey(publication.releaseKeyFile);
  const delegationFile = join(releasesDir, "release-key");
  const delegation = keepOrRenew(readDelegation(delegationFile, rootKey), rawKey(releaseKey), nowUnixSeconds);
  replaceFile(delegationFile, signed(delegationText(delegation), rootKey));

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
    replaceFile(join(releasesDir, place, "agent-manifest"), signed(text, releaseKey));
  return { number, problem: null };
}

function keepOrRenew(kept: Delegation | null, key: string, nowUnixSeconds: number): Delegation {
  const isGood = kept?.key === key && kept.expires - nowUnixSeconds > delegationLifeSeconds / 2;
  if (kept !== null && isGood) return kept;
  return {
    sequence: Math.max((kept?.sequence ?? 0) + 1, nowUnixSeconds),
    key,
    // A host whose clock is behind would refuse it.
    notBefore: nowUnixSeconds - daySeconds,
    expires: nowUnixSeconds + delegationLifeSeconds,
  };
}

/** The delegation that is published; null when there is none by this root key. */
function readDelegation(path: string, rootKey: KeyObject): Delegation | null {
  const [, text = "", signature = ""] = existsSync(path)
    ? (/^(.*\n)signature (.+)\n$/s.exec(readFileSync(path, "utf8")) ?? [])
    : [];
  const isOwn = verify(null, Buffer.from(text), createPublicKey(rootKey), Buffer.from(signature, "base64"));
  return isOwn ? parseDelegation(text) : null;
}

function provideReleaseKey(path: string): KeyObject {
  if (!existsSync(path)) {
    const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.new`, pem, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
  return readSigningKey(path).privateKey;
}

function rawKey(key: KeyObject): string {
  return createPublicKey(key).export({ type: "spki", format: "der" }).subarray(-32).toString("base64");
}

function signed(text: string, key: KeyObject): string {
  return withSignature(text, sign(null, Buffer.from(text), key).toString("base64"));
}

/** Replaces a file whole, so that a download meets the old or the new. */
export function replaceFile(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  writeFileSync(`${path}.new`, text, { mode: 0o644 });
  renameSync(`${path}.new`, path);
}
