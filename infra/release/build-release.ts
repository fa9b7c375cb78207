import { createHash } from "node:crypto";
import { copyFileSync, existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { compileAgent, type Manifest, removeOldVersions, updaterSource } from "./compile-agent.ts";
import { replaceFile } from "./key-text.ts";
import { publishUpdates } from "./publish-updates.ts";
import { keyFilesOf, provideReleaseKeys } from "./release-keys.ts";
import { platforms, type ReleaseFile, readSigningKey, signedStatement } from "./statement.ts";

export interface ReleaseRequest {
  readonly root: string;
  /** What web hands out. */
  readonly releasesDir: string;
  /**
   * Ed25519, PEM: the key whose fingerprint enrolment tokens carry. Its secret half lends its word to the root key, once;
   * a build that has the papers of an earlier one needs the public half only.
   */
  readonly signingKeyFile: string;
  /** The key that signs releases; made beside the signing key when none is named. */
  readonly releaseKeyFile?: string;
  /** Versions whose hosts go back to this one. */
  readonly rollsBackFrom?: readonly string[];
}

export interface Release {
  readonly version: string;
  /** True when nothing had to be compiled. */
  readonly isReused: boolean;
  /** One sentence for each platform that could not be built. */
  readonly problems: readonly string[];
}

/**
 * Makes the agent that hosts are given: compiled once for each state of the sources, whichever installation asks, and
 * signed by the key of this one. Throws ReleaseError when no platform can be built.
 */
export async function buildRelease(request: ReleaseRequest): Promise<Release> {
  const { root, releasesDir } = request;
  const { folder, manifest, isReused, problems } = await compileAgent(
    root,
    join(root, ".mailstead", "agent-builds"),
  );
  const { version } = manifest;
  mkdirSync(join(releasesDir, version), { recursive: true });
  for (const { executable, archive } of Object.values(manifest.platforms)) {
    for (const { file } of [executable, archive]) takeOver(join(folder, file), join(releasesDir, file));
  }
  replaceFile(join(releasesDir, version, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  const updater = publishUpdater(request, version);
  const ownProblems = publish(request, manifest, updater);
  removeOldVersions(releasesDir, version);
  return { version, isReused, problems: [...problems, ...ownProblems] };
}

/** A second name for the same bytes where the file system allows it: an executable takes 110 MB. */
function takeOver(from: string, to: string): void {
  if (existsSync(to)) return;
  try {
    linkSync(from, `${to}.new`);
  } catch {
    copyFileSync(from, `${to}.new`);
  }
  renameSync(`${to}.new`, to);
}

/** The updater travels beside the agent whose sources it is among. */
function publishUpdater({ root, releasesDir }: ReleaseRequest, version: string): ReleaseFile {
  const content = readFileSync(join(root, updaterSource));
  const file = `${version}/mailstead-updater`;
  replaceFile(join(releasesDir, file), content.toString("utf8"));
  return { file, sha256: createHash("sha256").update(content).digest("hex"), sizeBytes: content.length };
}

/** Makes this version the one that hosts are given. Each file is replaced whole, so a download meets either release. */
function publish(request: ReleaseRequest, manifest: Manifest, updater: ReleaseFile): string[] {
  const { releasesDir, rollsBackFrom = null } = request;
  const { key: signingKey, publicPem } = readSigningKey(request.signingKeyFile);
  const nowUnixSeconds = Math.floor(Date.now() / 1000);
  const releaseKeyFile = request.releaseKeyFile ?? join(dirname(request.signingKeyFile), "release-key.pem");
  const keys = provideReleaseKeys({ files: keyFilesOf(releaseKeyFile), signingKey, nowUnixSeconds });
  const { version } = manifest;
  const agents = Object.fromEntries(
    Object.entries(manifest.platforms).map(([platform, { archive }]) => [platform, archive]),
  );
  const { number, problem } = publishUpdates({
    releasesDir,
    keys,
    files: { updater, agents },
    request: { version, rollsBackFrom, nowUnixSeconds },
  });
  replaceFile(join(releasesDir, "signing-key.pem"), publicPem);
  for (const platform of platforms) {
    const statementFile = join(releasesDir, `${platform}.release`);
    const built = manifest.platforms[platform];
    if (!built) rmSync(statementFile, { force: true });
    else {
      const statement = { version, number, platform, archive: built.archive, updater };
      replaceFile(statementFile, signedStatement(statement, keys.releaseKey));
    }
  }
  return [problem, keys.problem].filter((sentence) => sentence !== null);
}
