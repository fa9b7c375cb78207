import { run } from "../lab/command.ts";
import type { LabHost } from "../lab/host.ts";
import { installedOn, type PackageRepository, type RepositoryPackage } from "../lab/package-repository.ts";

/** The same packages in two versions. */
export interface VersionPair {
  readonly older: readonly RepositoryPackage[];
  readonly newer: readonly RepositoryPackage[];
  /** Whether both were built by Debian; else the newer ones are the older ones, packed anew under another version. */
  readonly isReal: boolean;
}

const aptTimeoutMs = 300_000;

/** The packages on the host that are made of one source and so depend on each other's exact versions. */
export async function installedOfSource(host: LabHost, source: string): Promise<RepositoryPackage[]> {
  const format = `\${source:Package} \${Package}\n`;
  const listed = await host.must(["dpkg-query", "--show", `--showformat=${format}`]);
  const names = listed.split("\n").flatMap((line) => {
    const [of, name] = line.split(" ");
    return of === source && name !== undefined ? [name] : [];
  });
  return Promise.all(names.map((name) => installedOn(host, name)));
}

/**
 * Takes the host's packages of a source for the newer ones where Debian's suites still list an older version of all of them,
 * and installs that, as on a host whose owner has not looked after it. Where they list one version only, the repository
 * offers newer ones that are packed anew.
 */
export async function beginWithOlder(
  host: LabHost,
  { repository, source, suffix }: { repository: PackageRepository; source: string; suffix: string },
): Promise<VersionPair> {
  const installed = await installedOfSource(host, source);
  const older = await listedBefore(host, installed);
  if (older !== null) {
    await installExactly(host, older);
    return { older, newer: installed, isReal: true };
  }
  const names = installed.map(({ name }) => name);
  return { older: installed, newer: await repository.offer(host, { names, suffix }), isReal: false };
}

/** Installs exactly these by apt itself, whether that is up or down. */
export async function installExactly(host: LabHost, packages: readonly RepositoryPackage[]): Promise<void> {
  await host.must(["env", "DEBIAN_FRONTEND=noninteractive", ...aptInstall(packages)], {
    timeoutMs: aptTimeoutMs,
  });
}

/** What an administrator would type. Conffiles that were changed are left as they are. */
export function aptInstall(packages: readonly RepositoryPackage[]): string[] {
  const options = ["-qy", "--allow-downgrades", "-o", "Dpkg::Options::=--force-confold"];
  return ["apt-get", ...options, "install", ...packages.map(({ name, version }) => `${name}=${version}`)];
}

/** The highest version below the installed one that is listed for all of the packages. */
async function listedBefore(
  host: LabHost,
  installed: readonly RepositoryPackage[],
): Promise<RepositoryPackage[] | null> {
  const [first] = installed;
  if (first === undefined) throw new Error(`${host.name} has no package of this source.`);
  const listed = parseMadison(
    await host.must(["apt-cache", "madison", ...installed.map(({ name }) => name)]),
  );
  let best: string | null = null;
  for (const version of listed.get(first.name) ?? []) {
    const isOfAll = installed.every(({ name }) => listed.get(name)?.has(version));
    if (!isOfAll || !(await isBelow(version, first.version))) continue;
    if (best === null || (await isBelow(best, version))) best = version;
  }
  return best === null ? null : installed.map((one) => ({ ...one, version: best }));
}

/** Versions by package, of lines like `openssl | 3.0.20-1~deb12u2 | http://… bookworm/main amd64 Packages`. */
function parseMadison(text: string): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const line of text.split("\n")) {
    const [name = "", version = "", origin = ""] = line.split("|").map((field) => field.trim());
    if (!origin.endsWith("Packages")) continue;
    found.set(name, (found.get(name) ?? new Set()).add(version));
  }
  return found;
}

async function isBelow(one: string, other: string): Promise<boolean> {
  const { code } = await run(["dpkg", "--compare-versions", one, "lt", other]);
  return code === 0;
}
