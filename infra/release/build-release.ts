import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { compileAgent, type Manifest, removeOldVersions } from "./compile-agent.ts";
import { platforms, readSigningKey, signedStatement } from "./statement.ts";

export interface ReleaseRequest {
  readonly root: string;
  /** What web hands out. */
  readonly releasesDir: string;
  /** Ed25519, PKCS #8 PEM: the key whose fingerprint enrolment tokens carry. */
  readonly signingKeyFile: string;
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
export async function buildRelease({ root, releasesDir, signingKeyFile }: ReleaseRequest): Promise<Release> {
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
  publish({ manifest, releasesDir, signingKeyFile });
  removeOldVersions(releasesDir, version);
  return { version, isReused, problems };
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

interface Publication {
  readonly manifest: Manifest;
  readonly releasesDir: string;
  readonly signingKeyFile: string;
}

/** Makes this version the one that hosts are given. Each file is replaced whole, so a download meets either release. */
function publish({ manifest, releasesDir, signingKeyFile }: Publication): void {
  const { privateKey, publicPem } = readSigningKey(signingKeyFile);
  replaceFile(join(releasesDir, "signing-key.pem"), publicPem);
  for (const platform of platforms) {
    const statementFile = join(releasesDir, `${platform}.release`);
    const built = manifest.platforms[platform];
    if (!built) rmSync(statementFile, { force: true });
    else {
      const statement = { version: manifest.version, platform, archive: built.archive };
      replaceFile(statementFile, signedStatement(statement, privateKey));
    }
  }
}

function replaceFile(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  writeFileSync(`${path}.new`, text, { mode: 0o644 });
  renameSync(`${path}.new`, path);
}
