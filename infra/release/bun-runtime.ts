import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ReleaseError } from "./release-error.ts";
import type { Platform } from "./statement.ts";

const run = promisify(execFile);
/** Where the package keeps its launcher when its install script was denied, a text of a few lines stands there. */
const executableSizeBytesMin = 10 * 1024 * 1024;
const packageOf: Readonly<Record<string, string>> = {
  "linux-x64": "@oven/bun-linux-x64",
  "linux-arm64": "@oven/bun-linux-aarch64",
  "darwin-x64": "@oven/bun-darwin-x64",
  "darwin-arm64": "@oven/bun-darwin-aarch64",
};

/** The bun of this machine, wherever npm and the package's install script left it. Throws ReleaseError when there is none. */
export function findBun(root: string): string {
  const own = packageOf[`${process.platform}-${process.arch}`] ?? "none";
  const candidates = [`node_modules/bun/bin/bun.exe`, `node_modules/${own}/bin/bun`].map((path) =>
    join(root, path),
  );
  const found = candidates.find(
    (path) => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > executableSizeBytesMin,
  );
  if (!found)
    throw new ReleaseError(`npm brought no bun for ${process.platform}-${process.arch}; run npm ci again.`);
  return found;
}

/**
 * The bun that an executable for `platform` is made around: this machine's own, or the one of the npm package at the
 * version and hash of the lockfile, fetched once into `cacheDir`. Throws ReleaseError when it cannot be had.
 */
export async function provideRuntime(
  root: string,
  { platform, cacheDir }: { platform: Platform; cacheDir: string },
): Promise<string> {
  if (platform === `${process.platform}-${process.arch}`) return findBun(root);
  const name = packageOf[platform] ?? platform;
  const { version, integrity } = readLocked(root, name);
  const runtime = join(cacheDir, `${name.split("/")[1]}-${version}`);
  if (!existsSync(runtime)) await fetchRuntime({ name, version, integrity, runtime, cacheDir });
  return runtime;
}

interface Fetch {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  readonly runtime: string;
  readonly cacheDir: string;
}

async function fetchRuntime({ name, version, integrity, runtime, cacheDir }: Fetch): Promise<void> {
  mkdirSync(cacheDir, { recursive: true });
  const folder = mkdtempSync(join(cacheDir, "fetch-"));
  try {
    const { stdout } = await run(
      "npm",
      ["pack", `${name}@${version}`, "--silent", "--ignore-scripts", `--pack-destination=${folder}`],
      { cwd: folder },
    );
    const archive = join(folder, stdout.trim().split("\n").at(-1) ?? "");
    const found = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
    if (found !== integrity)
      throw new ReleaseError(
        `The package ${name} ${version} is not the one of package-lock.json; look into where npm fetches from.`,
      );
    await run("tar", ["-xzf", archive, "-C", folder, "package/bin/bun"]);
    renameSync(join(folder, "package", "bin", "bun"), runtime);
  } catch (cause) {
    if (cause instanceof ReleaseError) throw cause;
    const reason = (cause as Error).message.trim().split("\n").at(-1);
    throw new ReleaseError(
      `npm could not fetch ${name} ${version} (${reason}); try again when the registry can be reached.`,
      { cause },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readLocked(root: string, name: string): { version: string; integrity: string } {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, { version?: string; integrity?: string }>;
  };
  const { version, integrity } = packages[`node_modules/${name}`] ?? {};
  if (!version || !integrity)
    throw new ReleaseError(`package-lock.json does not pin ${name}; install bun in infra again.`);
  return { version, integrity };
}
