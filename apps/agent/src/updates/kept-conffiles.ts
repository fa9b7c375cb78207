import { readFile, stat } from "node:fs/promises";
import { maskedDiff, unifiedDiff } from "@mailstead/core/converge";
import { cutText } from "@mailstead/core/text";
import {
  type ExactPackage,
  type KeptConffile,
  keptConffilesMax,
  keptDiffLengthMax,
} from "@mailstead/core/updates";
import { readAppliedDigests } from "../apply/applied-digests.ts";
import { isMissing, readTextIfExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";

/** What lay beside conffiles at a moment, by path: inode and time of change tell a new one from an old one. */
export type BesideConffiles = Record<string, string>;

const besideEndings = { dpkg: ".dpkg-dist", ucf: ".ucf-dist" } as const;
const readMaxBytes = 1024 ** 2;
/** All differences together, since the result of a job has to fit into a frame. */
const diffsMaxLength = 262_144;

/** Reads which conffiles of these packages have another version of the package's beside them. */
export async function readBesideConffiles(
  host: Host,
  packages: readonly ExactPackage[],
): Promise<BesideConffiles> {
  const beside: BesideConffiles = {};
  for (const path of await besidePaths(host, packages)) {
    const mark = await markOf(host, path);
    if (mark !== null) beside[path] = mark;
  }
  return beside;
}

/**
 * The conffiles that the owner had changed and that a package has brought anew since `before` was read: the owner's
 * stays, the package's lies beside it. Files that Mailstead writes itself differ by design and are left out. What not
 * everybody on the host may read is told without its text.
 */
export async function keptConffilesSince(
  host: Host,
  packages: readonly ExactPackage[],
  before: BesideConffiles,
): Promise<KeptConffile[]> {
  const now = await readBesideConffiles(host, packages);
  const own = await readAppliedDigests(host);
  const kept: KeptConffile[] = [];
  let room = diffsMaxLength;
  for (const [beside, mark] of Object.entries(now)) {
    const path = beside.replace(/\.(?:dpkg|ucf)-dist$/, "");
    if (before[beside] === mark || own[path] !== undefined || kept.length >= keptConffilesMax) continue;
    const whole = await diffOf(host, path, beside);
    // The owner's own, as a .deb has it that was rebuilt out of what was installed.
    if (whole === null) continue;
    const diff = cut(whole, Math.min(keptDiffLengthMax, room));
    room -= diff.length;
    kept.push({ path, diff });
  }
  return kept;
}

async function besidePaths(host: Host, packages: readonly ExactPackage[]): Promise<string[]> {
  if (packages.length === 0) return [];
  const names = packages.map(({ name, architecture }) =>
    architecture === "all" ? name : `${name}:${architecture}`,
  );
  const listed = await host.run(["dpkg-query", "--show", `--showformat=\${Conffiles}\n`, "--", ...names]);
  // Lines like ` /etc/redis/redis.conf 0123456789abcdef` (dpkg-query(1)), with ` obsolete` behind some.
  const ofDpkg = [...listed.stdout.matchAll(/^ (\/\S+) /gm)].map(([, path]) => path + besideEndings.dpkg);
  const registry = (await readTextIfExists(host.path("/var/lib/ucf/registry"))) ?? "";
  const ofUcf = registry.split("\n").flatMap((line) => {
    const [name, path] = line.split(/\s+/);
    return path?.startsWith("/") && packages.some((wanted) => wanted.name === name)
      ? [path + besideEndings.ucf]
      : [];
  });
  return [...new Set([...ofDpkg, ...ofUcf])].sort();
}

async function markOf(host: Host, path: string): Promise<string | null> {
  try {
    const { ino, ctimeMs, size } = await stat(host.path(path));
    return `${ino} ${ctimeMs} ${size}`;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Null where the package's has one empty line more and nothing else. */
async function diffOf(host: Host, path: string, beside: string): Promise<string | null> {
  const [owners, packages] = [await readBounded(host, path), await readBounded(host, beside)];
  if (owners !== null && packages?.text === `${owners.text}\n`) return null;
  const isSecret = owners !== null && !owners.isPublic;
  return (isSecret ? maskedDiff : unifiedDiff)(path, owners?.text ?? null, packages?.text ?? null);
}

async function readBounded(host: Host, path: string): Promise<{ text: string; isPublic: boolean } | null> {
  try {
    const { mode, size } = await stat(host.path(path));
    const text = size > readMaxBytes ? "(too long to compare)\n" : await readFile(host.path(path), "utf8");
    return { text, isPublic: (mode & 0o004) !== 0 };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function cut(diff: string, lengthMax: number): string {
  const mark = "\n… cut here";
  return diff.length <= lengthMax ? diff : cutText(diff, Math.max(0, lengthMax - mark.length)) + mark;
}
