import type { KeyObject } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type Delegation,
  delegationText,
  parseDelegation,
  parseRootKey,
  readSigned,
  rootKeyText,
} from "@mailstead/core/agent-updates";
import { isSignedBy, keyId, makeKeyFile, rawKey, readKeyFile, replaceFile, signText } from "./key-text.ts";
import { ReleaseError } from "./release-error.ts";

const daySeconds = 86_400;
export const certificateLifeDays = 400;
/** From then on a certificate that nobody here can renew is told of. */
export const certificateEndsSoonDays = 90;

/** Where an installation keeps what its releases are signed with. */
export interface KeyFiles {
  readonly releaseKey: string;
  /** A release key whose certificate is still to come. */
  readonly nextReleaseKey: string;
  /** The root key that counts, raw and base64: what hosts pin. */
  readonly rootKey: string;
  /** Its secret, in a folder of its own so that it can be taken elsewhere whole. */
  readonly rootSecret: string;
  /** What root keys have signed, each file under the name by which hosts ask for it. */
  readonly papers: string;
}

/** The other files lie beside the release key. */
export function keyFilesOf(releaseKeyFile: string): KeyFiles {
  const folder = dirname(releaseKeyFile);
  return {
    releaseKey: releaseKeyFile,
    nextReleaseKey: join(folder, "next-release-key.pem"),
    rootKey: join(folder, "root-key.pub"),
    rootSecret: join(folder, "root-key", "root-key.pem"),
    papers: join(folder, "release-papers"),
  };
}

export interface ReleaseKeys {
  readonly releaseKey: KeyObject;
  readonly rootKey: string;
  /** Texts for the folder of releases, by name. */
  readonly papers: Readonly<Record<string, string>>;
  /** A sentence when the certificate ends soon, or has ended, and the root key is not here to renew it. */
  readonly problem: string | null;
}

export interface KeysRequest {
  readonly files: KeyFiles;
  /** The key of enrolment tokens. Its secret half, where it is at hand, lends its word to the root key. */
  readonly signingKey: KeyObject;
  readonly nowUnixSeconds: number;
}

/**
 * The release key and the papers that lead to it. An installation without any makes both keys; one whose root key lies
 * here has its certificate renewed in time. Throws ReleaseError when a paper is missing that only the root key can give.
 */
export function provideReleaseKeys(request: KeysRequest): ReleaseKeys {
  const { files, signingKey, nowUnixSeconds } = request;
  mkdirSync(files.papers, { recursive: true });
  if (!existsSync(files.rootKey)) {
    if (Object.keys(readPapers(files)).length > 0)
      throw new ReleaseError(
        `${files.rootKey} is gone; restore it from a backup, since hosts have pinned that root key.`,
      );
    replaceFile(files.rootKey, `${rawKey(findOrMakeRootSecret(files))}\n`);
  }
  const rootKey = readRootKey(files);
  const root = readRootSecret(files);
  const releaseKey = readKeyFile(files.releaseKey) ?? makeReleaseKey(files, root);
  if (root !== null) {
    const kept = keepOrRenew(readCertificate(files), rawKey(releaseKey), nowUnixSeconds);
    writePaper(files, certificateName(rootKey), signText(delegationText(kept), root));
  }
  if (signingKey.type === "private") lendWord(request, rawKey(releaseKey));
  const problem = certificateProblem(files, rawKey(releaseKey), nowUnixSeconds);
  const papers = readPapers(files);
  if (papers[rootKeyAfterName(rawKey(signingKey))] === undefined)
    throw new ReleaseError(
      `The key of enrolment tokens has not named the root key ${rootKey}; build once with MAILSTEAD_SIGNING_KEY_FILE set to its secret half.`,
    );
  return { releaseKey, rootKey, papers, problem };
}

/** The root key that counts. Throws ReleaseError when there is none yet or it cannot be read. */
export function readRootKey({ rootKey: path }: KeyFiles): string {
  const text = existsSync(path) ? readFileSync(path, "utf8").trim() : "";
  if (parseRootKey(rootKeyText(text)) === null)
    throw new ReleaseError(
      `${path} holds no root key; restore it from a backup, since hosts have pinned that one.`,
    );
  return text;
}

/** The secret of the root key that counts; null when it is kept elsewhere or sealed. */
export function readRootSecret(
  files: KeyFiles,
  from: { file?: string; passphrase?: string | null } = {},
): KeyObject | null {
  const secret = readKeyFile(from.file ?? files.rootSecret, from.passphrase ?? null);
  return secret !== null && rawKey(secret) === readRootKey(files) ? secret : null;
}

/** The certificate by the root key that counts; null when there is none. */
export function readCertificate(files: KeyFiles): Delegation | null {
  const rootKey = readRootKey(files);
  return readDelegation(join(files.papers, certificateName(rootKey)), rootKey);
}

export function certificateName(rootKey: string): string {
  return `release-key-by-${keyId(rootKey)}`;
}

export function rootKeyAfterName(key: string): string {
  return `root-key-after-${keyId(key)}`;
}

/** The next certificate after one: hosts refuse whatever is older than the newest they have seen. */
export function nextCertificate(
  kept: Pick<Delegation, "sequence"> | null,
  { key, nowUnixSeconds, days = certificateLifeDays }: { key: string; nowUnixSeconds: number; days?: number },
): Delegation {
  return {
    // The time keeps numbers growing when the papers were lost.
    sequence: Math.max((kept?.sequence ?? 0) + 1, nowUnixSeconds),
    key,
    // A host whose clock is behind would refuse it.
    notBefore: nowUnixSeconds - daySeconds,
    expires: nowUnixSeconds + days * daySeconds,
  };
}

/** Makes a root key the one that counts. The certificates of the one before lead nobody any more. */
export function putRootKey(files: KeyFiles, rootKey: string): void {
  mkdirSync(files.papers, { recursive: true });
  for (const name of Object.keys(readPapers(files)))
    if (name.startsWith("release-key-by-") && name !== certificateName(rootKey))
      rmSync(join(files.papers, name));
  replaceFile(files.rootKey, `${rootKey}\n`);
}

export function writePaper(files: KeyFiles, name: string, text: string): void {
  mkdirSync(files.papers, { recursive: true });
  replaceFile(join(files.papers, name), text);
}

/** The release key whose certificate has come takes the place of the one before. */
export function useNextReleaseKey(files: KeyFiles): void {
  renameSync(files.nextReleaseKey, files.releaseKey);
}

/** A secret that lies here is the one that hosts may have pinned, also where all else of its installation is gone. */
function findOrMakeRootSecret({ rootSecret, rootKey }: KeyFiles): KeyObject {
  if (!existsSync(rootSecret)) return makeKeyFile(rootSecret);
  const found = readKeyFile(rootSecret);
  if (found === null)
    throw new ReleaseError(
      `${rootSecret} is sealed or damaged, and ${rootKey}, which says what it is, is not there; restore that, or run: npm run root-key -- hand-over PUBLIC`,
    );
  return found;
}

function makeReleaseKey(files: KeyFiles, root: KeyObject | null): KeyObject {
  if (existsSync(files.releaseKey))
    throw new ReleaseError(
      `${files.releaseKey} is damaged; restore it, or remove it and have the root key certify another.`,
    );
  if (root === null)
    throw new ReleaseError(
      `There is no release key (${files.releaseKey}), and the root key is not here to certify one; run: npm run root-key -- request --new-key`,
    );
  return makeKeyFile(files.releaseKey);
}

const legacyName = "release-key";

/** The key of enrolment tokens names the root key; and to updaters that know no other, it certifies the release key itself. */
function lendWord({ files, signingKey, nowUnixSeconds }: KeysRequest, key: string): void {
  const raw = rawKey(signingKey);
  writePaper(files, rootKeyAfterName(raw), signText(rootKeyText(readRootKey(files)), signingKey));
  const kept = keepOrRenew(readDelegation(join(files.papers, legacyName), raw), key, nowUnixSeconds);
  writePaper(files, legacyName, signText(delegationText(kept), signingKey));
}

function keepOrRenew(kept: Delegation | null, key: string, nowUnixSeconds: number): Delegation {
  const isGood = kept?.key === key && kept.expires - nowUnixSeconds > (certificateLifeDays * daySeconds) / 2;
  return kept !== null && isGood ? kept : nextCertificate(kept, { key, nowUnixSeconds });
}

function certificateProblem(files: KeyFiles, key: string, nowUnixSeconds: number): string | null {
  const certificate = readCertificate(files);
  const how = "run: npm run root-key -- request, and have the root key certify it";
  if (certificate?.key !== key)
    throw new ReleaseError(`The root key has not certified the release key ${files.releaseKey}; ${how}.`);
  if (certificate.expires - nowUnixSeconds > certificateEndsSoonDays * daySeconds) return null;
  const day = new Date(certificate.expires * 1000).toISOString().slice(0, 10);
  const [word, then] = certificate.expires > nowUnixSeconds ? ["ends", "will install"] : ["ended", "install"];
  return `The certificate of the release key ${word} on ${day}, from when on hosts ${then} no newer agent; ${how}.`;
}

function readDelegation(path: string, by: string): Delegation | null {
  const text = existsSync(path) ? readSigned(readFileSync(path, "utf8"), by, isSignedBy) : null;
  return text === null ? null : parseDelegation(text);
}

/** What hosts ask for by these names is theirs to read; nothing else is handed out or taken away. */
export const paperPattern = /^(release-key(-by-[0-9a-f]{64})?|root-key-after-[0-9a-f]{64})$/;

function readPapers({ papers }: KeyFiles): Record<string, string> {
  if (!existsSync(papers)) return {};
  const names = readdirSync(papers).filter((name) => paperPattern.test(name));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(papers, name), "utf8")]));
}
