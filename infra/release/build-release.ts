import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { findBun, provideRuntime } from "./bun-runtime.ts";
import { ReleaseError } from "./release-error.ts";
import { hashSources } from "./source-hash.ts";
import {
  type Platform,
  platforms,
  type ReleaseFile,
  type ReleaseStatement,
  readSigningKey,
  signedStatement,
} from "./statement.ts";

export interface ReleaseRequest {
  readonly root: string;
  readonly releasesDir: string;
  /** Ed25519, PKCS #8 PEM: the key whose fingerprint enrolment tokens carry. */
  readonly signingKeyFile: string;
}

export interface Release {
  readonly version: string;
  readonly isReused: boolean;
  /** One sentence for each platform that could not be built. */
  readonly problems: readonly string[];
}

/** The file `<version>/manifest.json`. */
export interface Manifest {
  readonly version: string;
  readonly platforms: Partial<Record<Platform, BuiltAgent>>;
}

export interface BuiltAgent {
  readonly executable: ReleaseFile;
  /** The same, compressed by gzip. */
  readonly archive: ReleaseFile;
}

const run = promisify(execFile);
const compress = promisify(gzip);
const entry = "apps/agent/src/main.ts";
/** What the executable is made from; the lockfile pins bun and the packages that go in. */
const sources = ["apps/agent", "packages/core", "package-lock.json", "infra/release/build-release.ts"];

/**
 * Builds the agent for every platform unless that was done from the same sources, and signs what it built.
 * The same sources give the same bytes. Throws ReleaseError when no platform can be built.
 */
export async function buildRelease({ root, releasesDir, signingKeyFile }: ReleaseRequest): Promise<Release> {
  const version = releaseVersion(root);
  const folder = join(releasesDir, version);
  const known = readManifest(folder);
  const missing = platforms.filter((platform) => !known?.platforms[platform]);
  const problems: string[] = [];
  let manifest: Manifest = known ?? { version, platforms: {} };
  for (const platform of missing) {
    try {
      manifest = {
        version,
        platforms: {
          ...manifest.platforms,
          [platform]: await compile({ root, releasesDir, platform, version }),
        },
      };
    } catch (error) {
      if (!(error instanceof ReleaseError)) throw error;
      problems.push(`No release for ${platform}: ${error.message}`);
    }
  }
  if (Object.keys(manifest.platforms).length === 0) throw new ReleaseError(problems.join("\n"));
  replaceFile(join(folder, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  publish({ manifest, releasesDir, signingKeyFile });
  removeOldReleases(releasesDir, version);
  return { version, isReused: missing.length === 0, problems };
}

/** The version of the package, followed by what tells its sources from others. */
function releaseVersion(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, "apps/agent/package.json"), "utf8")) as {
    version: string;
  };
  return `${version}-${hashSources(root, sources).slice(0, 10)}`;
}

function readManifest(folder: string): Manifest | null {
  const path = join(folder, "manifest.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Manifest) : null;
}

interface Compilation {
  readonly root: string;
  readonly releasesDir: string;
  readonly platform: Platform;
  readonly version: string;
}

async function compile({ root, releasesDir, platform, version }: Compilation): Promise<BuiltAgent> {
  const runtime = await provideRuntime(root, { platform, cacheDir: join(releasesDir, "runtimes") });
  mkdirSync(join(releasesDir, version), { recursive: true });
  const file = `${version}/mailstead-agent-${platform}`;
  const work = mkdtempSync(join(releasesDir, version, "build-"));
  const outfile = join(work, "mailstead-agent");
  const args = [
    "build",
    "--compile",
    `--target=bun-${platform}`,
    `--compile-executable-path=${runtime}`,
    // An agent runs as root in any folder, so what lies there must not set it up.
    "--no-compile-autoload-dotenv",
    "--no-compile-autoload-bunfig",
    "--minify-whitespace",
    "--minify-syntax",
    `--define=process.env.MAILSTEAD_AGENT_VERSION=${JSON.stringify(version)}`,
    `--outfile=${outfile}`,
    join(root, entry),
  ];
  try {
    await run(findBun(root), args, {
      cwd: work,
      env: { PATH: process.env["PATH"], HOME: work, NODE_ENV: "production" },
    });
    chmodSync(outfile, 0o755);
    const executable = readFileSync(outfile);
    const archive = await compress(executable);
    writeFileSync(`${outfile}.gz`, archive);
    renameSync(outfile, join(releasesDir, file));
    renameSync(`${outfile}.gz`, join(releasesDir, `${file}.gz`));
    return { executable: describe(file, executable), archive: describe(`${file}.gz`, archive) };
  } catch (cause) {
    const { stderr, message } = cause as { stderr?: string; message: string };
    throw new ReleaseError(`bun could not compile ${entry}: ${(stderr || message).trim()}`, { cause });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function describe(file: string, content: Buffer): ReleaseFile {
  return { file, sha256: createHash("sha256").update(content).digest("hex"), sizeBytes: content.length };
}

/** Makes this version the one that hosts are given. Each file is replaced whole, so a download meets either release. */
function publish({
  manifest,
  releasesDir,
  signingKeyFile,
}: {
  manifest: Manifest;
  releasesDir: string;
  signingKeyFile: string;
}): void {
  const { privateKey, publicPem } = readSigningKey(signingKeyFile);
  replaceFile(join(releasesDir, "signing-key.pem"), publicPem);
  for (const platform of platforms) {
    const built = manifest.platforms[platform];
    if (!built) continue;
    const statement: ReleaseStatement = { version: manifest.version, platform, archive: built.archive };
    replaceFile(join(releasesDir, `${platform}.release`), signedStatement(statement, privateKey));
  }
}

/** Keeps the release before this one, for downloads that are under way. */
function removeOldReleases(releasesDir: string, current: string): void {
  const keptMax = 2;
  readdirSync(releasesDir)
    .filter((name) => name !== current && existsSync(join(releasesDir, name, "manifest.json")))
    .map((name) => ({ path: join(releasesDir, name), builtAt: statSync(join(releasesDir, name)).mtimeMs }))
    .sort((one, other) => other.builtAt - one.builtAt)
    .slice(keptMax - 1)
    .forEach(({ path }) => {
      rmSync(path, { recursive: true, force: true });
    });
}

function replaceFile(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  writeFileSync(`${path}.new`, text, { mode: 0o644 });
  renameSync(`${path}.new`, path);
}
