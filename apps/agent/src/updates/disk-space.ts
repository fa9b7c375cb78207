import { JobFailure } from "../jobs/job-failure.ts";
import { isMissing } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { agentPaths } from "../platform/paths.ts";

const mebibyte = 1024 ** 2;
// For what grows, for logs, and for mail that comes in meanwhile.
const reserveBytes = 100 * mebibyte;
// Kernels come as packages of their own, and their initramfs is made on the host.
const newKernelBytes = 500 * mebibyte;
const bootBytes = 120 * mebibyte;
/** What a .deb takes of what its files take. Packages of programs come to about a third. */
const packedShare = 0.4;

/** What a package takes that is to be replaced; 0 where there is none yet. */
export interface Replaced {
  name: string;
  sizeBytes: number;
}

/** About how much room these changes take: the new .debs, the kept ones, and the largest package twice (dpkg(1)). */
export function neededBytes(replaced: readonly Replaced[]): number {
  const sizes = replaced.map(({ name, sizeBytes }) =>
    sizeBytes === 0 && isKernel(name) ? newKernelBytes : sizeBytes,
  );
  const packed = sizes.reduce((sum, size) => sum + size * packedShare, 0);
  return Math.round(reserveBytes + 2 * packed + Math.max(0, ...sizes));
}

/** Refuses work for which a disk has too little room, which dpkg would only find in the middle. Throws JobFailure. */
export async function requireRoomForPackages(host: Host, replaced: readonly Replaced[]): Promise<void> {
  const needed = neededBytes(replaced);
  for (const path of ["/", "/usr", "/var/cache/apt/archives", agentPaths.keptPackages])
    await requireRoom(host, path, needed);
  if (replaced.some(({ name }) => isKernel(name))) await requireRoom(host, "/boot", bootBytes);
}

async function requireRoom(host: Host, path: string, needed: number): Promise<void> {
  const free = await freeBytes(host, path);
  if (free === null || free >= needed) return;
  const [has, wants, lacks] = [free, needed, needed - free].map((bytes) => Math.ceil(bytes / mebibyte));
  throw new JobFailure(
    `The disk of this host has too little room at ${path}: ${has} MiB are free and the packages need about ${wants} MiB, so ${lacks} MiB are missing. Free some space and run the job again. Nothing was changed.`,
    { retry: "temporary" },
  );
}

async function freeBytes(host: Host, path: string): Promise<number | null> {
  try {
    return await host.freeBytes(host.path(path));
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function isKernel(name: string): boolean {
  return name.startsWith("linux-image-");
}
