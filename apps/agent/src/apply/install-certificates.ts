import { copyFile, lstat, mkdir, readdir, readlink, rename, rm, stat, symlink } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { RenderedCertificate, StackService } from "@mailstead/core/converge";
import { JobFailure } from "../jobs/job-failure.ts";
import type { Undo } from "../journal/record.ts";
import { readUnits } from "../observe/units.ts";
import {
  isMissing,
  pathExists,
  readTextIfExists,
  syncFolder,
  temporaryName,
  writeFileAtomically,
} from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { lastWords } from "../platform/run-command.ts";
import { certificateProblem } from "./check-certificate.ts";
import type { Executor } from "./executor.ts";
import { serviceProblem, unitsOf } from "./service-health.ts";

/**
 * Installs chains beside their keys. Each pair is checked and written into a folder that nothing reads; then its link
 * is switched over, in one rename, and the running services are reloaded, which keeps their open sessions. What was
 * served before stays on the host for the way back.
 */
export const installCertificates: Executor<"install-certificates"> = {
  async prepare({ certificates, services }, { host, stack }) {
    for (const certificate of certificates) await writePair(host, certificate);
    return {
      kind: "restore-links",
      links: await Promise.all(
        certificates.map(async ({ link }) => ({ path: link, target: await linkTarget(host, link) })),
      ),
      services: services.map((service) => ({ service, units: unitsOf(stack, service) })),
    };
  },
  async apply({ certificates, services }, { host, stack }) {
    const former = new Map<string, string | null>();
    for (const { link, folder } of certificates) {
      former.set(link, await linkTarget(host, link));
      await switchLink(host, link, folder);
    }
    const readers = services.map((service) => ({ service, units: unitsOf(stack, service) }));
    // A link that is new is read by nobody before the files are applied that name it.
    if ([...former.values()].some((target) => target !== null)) {
      const problem = await reloadReaders(host, readers);
      if (problem !== null)
        throw new JobFailure(`The new certificate was not taken up: ${problem}.`, { retry: "temporary" });
    }
    for (const { link, folder } of certificates)
      await forgetVersions(host, [folder, former.get(link) ?? folder]);
    return { outcome: "changed", changedPaths: certificates.map(({ link }) => link) };
  },
};

/** Where a link of ours leads, as a path of the host; null when there is none that leads to a whole pair. */
export async function linkTarget(host: Host, link: string): Promise<string | null> {
  try {
    const target = resolve(dirname(link), await readlink(host.path(link)));
    // The folder was renamed into its place when it was whole, so that one of its files stands for both.
    return (await pathExists(host.path(join(target, "certificate.pem")))) ? target : null;
  } catch (error) {
    if (isMissing(error) || (error as NodeJS.ErrnoException).code === "EINVAL") return null;
    throw error;
  }
}

/** Puts links back as they were and has the services read what they lead to; can be repeated. */
export async function restoreLinks(
  host: Host,
  { links, services }: Extract<Undo, { kind: "restore-links" }>,
): Promise<string | null> {
  for (const { path, target } of links) {
    if (target !== null) await switchLink(host, path, target);
    else if (await isLink(host.path(path))) {
      await rm(host.path(path));
      await syncFolder(dirname(host.path(path)));
    }
  }
  return await reloadReaders(
    host,
    services.map(({ service, units }) => ({ service: service as StackService, units })),
  );
}

async function isLink(realPath: string): Promise<boolean> {
  return (await pathExists(realPath)) && (await lstat(realPath)).isSymbolicLink();
}

async function writePair(host: Host, certificate: RenderedCertificate): Promise<void> {
  const { chain, folder, storedKeyPath, names } = certificate;
  const privateKey = await readTextIfExists(host.path(storedKeyPath));
  if (privateKey === null)
    throw new JobFailure(
      `The certificate of ${names.join(", ")} cannot be installed: its key ${storedKeyPath} is not on this host. Ask for a new certificate.`,
      { retry: "permanent" },
    );
  const problem = certificateProblem(certificate, { privateKey, nowUnixMs: host.nowUnixMs() });
  if (problem !== null)
    throw new JobFailure(
      `The certificate of ${names.join(", ")} is not installed, what served before goes on: ${problem}.`,
      { retry: "permanent" },
    );
  const realFolder = host.path(folder);
  if (await pathExists(realFolder)) return;
  const aside = temporaryName(realFolder);
  await mkdir(aside, { recursive: true, mode: 0o755 });
  try {
    await writeFileAtomically(join(aside, "certificate.pem"), chain, { mode: 0o644 });
    await copyFile(host.path(storedKeyPath), join(aside, "key.pem"));
    await host.sync(join(aside, "key.pem"));
    await syncFolder(aside);
    await rename(aside, realFolder);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  await syncFolder(dirname(realFolder));
}

async function switchLink(host: Host, link: string, folder: string): Promise<void> {
  const realLink = host.path(link);
  const aside = temporaryName(realLink);
  await mkdir(dirname(realLink), { recursive: true });
  await symlink(relative(dirname(link), folder), aside);
  try {
    await rename(aside, realLink);
  } finally {
    await rm(aside, { force: true });
  }
  await syncFolder(dirname(realLink));
}

async function reloadReaders(
  host: Host,
  readers: readonly { service: StackService; units: readonly string[] }[],
): Promise<string | null> {
  for (const { service, units } of readers) {
    const states = await readUnits(host, units);
    const running = units.filter((unit) => states[unit]?.isActive || states[unit]?.isFailed);
    if (running.length === 0) continue;
    const result = await host.run(["systemctl", "reload-or-restart", "--", ...running]);
    const problem =
      result.exitCode === 0
        ? await serviceProblem(host, { service, units: running })
        : `systemctl reload-or-restart failed: ${lastWords(result)}`;
    if (problem !== null) return problem;
  }
  return null;
}

/** Removes pairs of the same certificate that are neither served nor needed for the way back. */
async function forgetVersions(host: Host, kept: readonly string[]): Promise<void> {
  const [folder = ""] = kept;
  const parent = host.path(dirname(folder));
  const certificateId = basename(folder).split(".")[0] ?? "";
  const names = new Set(kept.map((path) => basename(path)));
  for (const name of await readdir(parent))
    if (
      name.startsWith(`${certificateId}.`) &&
      !names.has(name) &&
      (await stat(join(parent, name))).isDirectory()
    )
      await rm(join(parent, name), { recursive: true, force: true });
}
