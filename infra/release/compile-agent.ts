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
import { withFileLock } from "../processes/file-lock.ts";
import { findBun, provideRuntime } from "./bun-runtime.ts";
import { ReleaseError } from "./release-error.ts";
import { hashSources } from "./source-hash.ts";
import { type Platform, platforms, type ReleaseFile } from "./statement.ts";

/** The executables of one version, and the file `<version>/manifest.json` that describes them. */
export interface Manifest {
  readonly version: string;
  readonly platforms: Partial<Record<Platform, BuiltAgent>>;
}

export interface BuiltAgent {
  readonly executable: ReleaseFile;
  /** The same, compressed by gzip. */
  readonly archive: ReleaseFile;
}

export interface Compiled {
  /** Holds the files that the manifest names. */
  readonly folder: string;
  readonly manifest: Manifest;
  readonly isReused: boolean;
  /** One sentence for each platform that could not be built. */
  readonly problems: readonly string[];
}

const run = promisify(execFile);
const compress = promisify(gzip);
const entry = "apps/agent/src/main.ts";
/** Hosts are given it together with the agent, so a change of it is another version. */
export const updaterSource = "infra/updater/mailstead-updater";
/** What the executable is made from; the lockfile pins bun and the packages that go in. */
const sources = [
  "apps/agent",
  "packages/core",
  "package-lock.json",
  "infra/release/compile-agent.ts",
  updaterSource,
];
const versionsKeptMax = 2;

/**
 * Compiles the agent for every platform into `cacheDir`, unless that was done from the same sources. The same sources
 * give the same bytes. Throws ReleaseError when no platform can be built.
 */
export async function compileAgent(root: string, cacheDir: string): Promise<Compiled> {
  mkdirSync(cacheDir, { recursive: true });
  return await withFileLock(join(cacheDir, "lock"), () => compileMissing(root, cacheDir));
}

async function compileMissing(root: string, cacheDir: string): Promise<Compiled> {
  const version = agentVersion(root);
  const manifestFile = join(cacheDir, version, "manifest.json");
  let manifest: Manifest = existsSync(manifestFile)
    ? (JSON.parse(readFileSync(manifestFile, "utf8")) as Manifest)
    : { version, platforms: {} };
  const missing = platforms.filter((platform) => !manifest.platforms[platform]);
  const problems: string[] = [];
  for (const platform of missing) {
    try {
      const built = await compile({ root, cacheDir, platform, version });
      manifest = { version, platforms: { ...manifest.platforms, [platform]: built } };
    } catch (error) {
      if (!(error instanceof ReleaseError)) throw error;
      problems.push(`No release for ${platform}: ${error.message}`);
    }
  }
  if (Object.keys(manifest.platforms).length === 0) throw new ReleaseError(problems.join("\n"));
  writeFileSync(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`);
  removeOldVersions(cacheDir, version);
  return { folder: cacheDir, manifest, isReused: missing.length === 0, problems };
}

/** The version of the package, followed by what tells its sources from others. */
function agentVersion(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, "apps/agent/package.json"), "utf8")) as {
    version: string;
  };
  return `${version}-${hashSources(root, sources).slice(0, 10)}`;
}

interface Compilation {
  readonly root: string;
  readonly cacheDir: string;
  readonly platform: Platform;
  readonly version: string;
}

async function compile({ root, cacheDir, platform, version }: Compilation): Promise<BuiltAgent> {
  const runtime = await provideRuntime(root, { platform, cacheDir: join(cacheDir, "runtimes") });
  mkdirSync(join(cacheDir, version), { recursive: true });
  const file = `${version}/mailstead-agent-${platform}`;
  const work = mkdtempSync(join(cacheDir, version, "build-"));
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
    renameSync(outfile, join(cacheDir, file));
    renameSync(`${outfile}.gz`, join(cacheDir, `${file}.gz`));
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

/** Keeps the version before the current one, for downloads that are under way. */
export function removeOldVersions(folder: string, current: string): void {
  readdirSync(folder)
    .filter((name) => name !== current && existsSync(join(folder, name, "manifest.json")))
    .map((name) => ({ path: join(folder, name), builtAt: statSync(join(folder, name)).mtimeMs }))
    .sort((one, other) => other.builtAt - one.builtAt)
    .slice(versionsKeptMax - 1)
    .forEach(({ path }) => {
      rmSync(path, { recursive: true, force: true });
    });
}
