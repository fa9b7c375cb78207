import { X509Certificate } from "node:crypto";
import type { Stats } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ObservedFile, ObservedState, RenderedStack } from "@mailstead/core/converge";
import { type AppliedDigests, digestOf, readAppliedDigests } from "../apply/applied-digests.ts";
import { linkTarget } from "../apply/install-certificates.ts";
import { readAccounts } from "../platform/accounts.ts";
import { isMissing, pathExists, readTextIfExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { readPackages } from "./packages.ts";
import { readSigningKeys } from "./signing-keys.ts";
import { readUnits } from "./units.ts";

/** Looks at everything on the host that a rendered stack speaks of. Reads only; two processes, whatever the size. */
export async function observeState(host: Host, stack: RenderedStack): Promise<ObservedState> {
  const unitNames = [
    ...[...stack.units, ...stack.retiredUnits].map(({ unit }) => unit),
    ...stack.maskedUnits,
  ];
  const [accounts, digests, packages, units] = await Promise.all([
    readAccounts(host),
    readAppliedDigests(host),
    readPackages(host, stack.packages),
    readUnits(host, unitNames),
  ]);
  const paths = new Set([...stack.files.map(({ path }) => path), ...Object.keys(digests)]);
  const certificateHostname = await readCertificateHostname(host, stack.certificate.certificatePath);
  return {
    packages,
    systemUsers: stack.systemUsers.flatMap(({ name }) => (accounts.userIds.has(name) ? [name] : [])),
    folders: await readFolders(
      host,
      stack.folders.map(({ path }) => path),
    ),
    files: await readFiles(host, paths, digests),
    dkimKeyPaths: await readExisting(
      host,
      [...stack.dkimKeys, ...stack.destroyedDkimKeys].map(({ path }) => path),
    ),
    signingKeyPaths: (await readSigningKeys(host)).map(({ path }) => path),
    tlsRequestPaths: await readExisting(
      host,
      stack.tlsKeys.map(({ requestPath }) => requestPath),
    ),
    certificateLinks: await readCertificateLinks(host, stack),
    hasCertificate: certificateHostname !== null && (await pathExists(host.path(stack.certificate.keyPath))),
    certificateHostname,
    hasDirectoryDatabase: await pathExists(host.path(stack.directoryDatabase.path)),
    hostname: await readHostname(host),
    units: Object.fromEntries(
      Object.entries(units).map(([unit, { isActive, isEnabled, isMasked }]) => [
        unit,
        { isActive, isEnabled, isMasked },
      ]),
    ),
  };
}

/** The name of the host as both the kernel and the next boot know it; "" when they differ. */
async function readHostname(host: Host): Promise<string> {
  const [stored, running] = await Promise.all(
    ["/etc/hostname", "/proc/sys/kernel/hostname"].map((path) => readTextIfExists(host.path(path))),
  );
  return stored?.trim() === running?.trim() ? (stored ?? "").trim() : "";
}

async function readFolders(host: Host, paths: readonly string[]): Promise<ObservedState["folders"]> {
  const folders: Record<string, { owner: string; group: string; mode: number }> = {};
  for (const path of paths) {
    const entry = await statIfExists(host.path(path));
    if (!entry?.isDirectory()) continue;
    folders[path] = { ...(await host.ownerOf(host.path(path))), mode: entry.mode & 0o7777 };
  }
  return folders;
}

async function readFiles(
  host: Host,
  paths: ReadonlySet<string>,
  digests: AppliedDigests,
): Promise<ObservedState["files"]> {
  const files: Record<string, ObservedFile> = {};
  for (const path of paths) {
    const realPath = host.path(path);
    const entry = await statIfExists(realPath);
    if (!entry?.isFile()) continue;
    const bytes = await readFile(realPath);
    files[path] = {
      ...(await host.ownerOf(realPath)),
      mode: entry.mode & 0o7777,
      content: bytes.toString("utf8"),
      digest: digestOf(bytes),
      lastAppliedDigest: digests[path] ?? null,
    };
  }
  return files;
}

/** Which of these paths exist, by one look into each of their folders. */
async function readExisting(host: Host, paths: readonly string[]): Promise<string[]> {
  const present = new Set<string>();
  for (const folder of new Set(paths.map((path) => dirname(path)))) {
    try {
      for (const name of await readdir(host.path(folder))) present.add(join(folder, name));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  return paths.filter((path) => present.has(path));
}

async function readCertificateLinks(
  host: Host,
  { certificates }: RenderedStack,
): Promise<ObservedState["certificateLinks"]> {
  const links: Record<string, string> = {};
  for (const { link } of certificates) {
    const target = await linkTarget(host, link);
    if (target !== null) links[link] = target;
  }
  return links;
}

async function readCertificateHostname(host: Host, path: string): Promise<string | null> {
  const text = await readTextIfExists(host.path(path));
  if (text === null) return null;
  try {
    const certificate = new X509Certificate(text);
    return /(?:^|\n)CN=(.*)/.exec(certificate.subject)?.[1]?.trim() ?? "";
  } catch {
    // What cannot be read as a certificate is none: a new one takes its place.
    return null;
  }
}

async function statIfExists(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
