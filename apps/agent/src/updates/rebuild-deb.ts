import { createHash } from "node:crypto";
import {
  chmod,
  chown,
  copyFile,
  lstat,
  mkdir,
  readFile,
  rm,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { ExactPackage } from "@mailstead/core/updates";
import { type AptContext, runApt } from "../apply/apt.ts";
import { isMissing } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { type Conffile, readConffiles, readFileList, rebuiltControl, rebuiltField } from "./dpkg-records.ts";

const filesAtOnce = 1_000;
const conffileMaxBytes = 4 * 1024 ** 2;
const packageScripts: ReadonlySet<string> = new Set(["preinst", "postinst", "prerm", "postrm", "config"]);

/**
 * Makes the .deb of an installed package anew out of its files and what dpkg knows of it, in a folder that is empty. Returns
 * its path; null where the package is not wholly there in that version. A conffile that the owner changed goes in with one
 * empty line more: dpkg then goes on taking the owner's for changed, also once it has gone back to this .deb.
 */
export async function rebuildDeb(
  context: AptContext,
  wanted: ExactPackage,
  folder: string,
): Promise<string | null> {
  const { host } = context;
  const named = wanted.architecture === "all" ? wanted.name : `${wanted.name}:${wanted.architecture}`;
  const status = await host.run(["dpkg-query", "--status", named]);
  const control = status.exitCode === 0 ? rebuiltControl(status.stdout, wanted) : null;
  if (control === null) return null;
  const tree = join(folder, "tree");
  await mkdir(host.path(join(tree, "DEBIAN")), { recursive: true, mode: 0o755 });
  // Whatever the umask of the agent is.
  for (const path of [tree, join(tree, "DEBIAN")]) await chmod(host.path(path), 0o755);
  const listed = await host.run(["dpkg-query", "--listfiles", named]);
  const { conffiles, leftOut } = readConffiles(status.stdout);
  const apart = new Set([...conffiles.map(({ path }) => path), ...leftOut]);
  if (listed.exitCode !== 0 || !(await copyFiles(context, { listed: listed.stdout, apart, tree })))
    return null;
  await writeConffiles(host, { conffiles, tree });
  await writeFile(host.path(join(tree, "DEBIAN/control")), control, { mode: 0o644 });
  await copyControlFiles(host, { named, tree });
  const path = join(folder, "rebuilt.deb");
  // Outside of the agent's sandbox, like everything that dpkg does. Gzip takes a fraction of the time of what is usual.
  const built = await runApt(context, ["dpkg-deb", "-Zgzip", "-z1", "--build", tree, path]);
  return built.exitCode === 0 ? path : null;
}

/** True where the .deb was made so. */
export async function isRebuilt(host: Host, path: string): Promise<boolean> {
  const told = await host.run(["dpkg-deb", "--field", path, rebuiltField]);
  return told.exitCode === 0 && told.stdout.trim() === "yes";
}

async function copyFiles(
  context: AptContext,
  { listed, apart, tree }: { listed: string; apart: ReadonlySet<string>; tree: string },
): Promise<boolean> {
  const { host } = context;
  const { paths, diverted } = readFileList(listed);
  const [files, folders]: [string[], string[]] = [[], []];
  for (const path of paths) {
    if (apart.has(path) || diverted.has(path)) continue;
    const kind = await kindOf(host, path);
    // What dpkg was told to leave out, or the owner took away, was not there before the update either.
    if (kind === null) continue;
    if (kind === "folder") folders.push(path);
    // A link to a folder below which the package has files is the host's, as /lib is.
    else if (kind === "file" || !paths.some((other) => other.startsWith(`${path}/`))) files.push(path);
  }
  for (let start = 0; start < files.length; start += filesAtOnce) {
    // Relative, because cp(1) looks for the folders above a file where it runs itself.
    const some = files.slice(start, start + filesAtOnce).map((path) => path.slice(1));
    const copied = await runApt(context, ["cp", "--archive", "--parents", "--", ...some, host.path(tree)], {
      workingDirectory: host.path("/"),
    });
    if (copied.exitCode !== 0) return false;
  }
  for (const path of folders) await makeFolder(host, path, tree);
  for (const [path, at] of diverted) {
    await makeParents(host, path, tree);
    const to = host.path(join(tree, path));
    const copied = await runApt(context, [
      "cp",
      "--archive",
      "--no-target-directory",
      "--",
      host.path(at),
      to,
    ]);
    if (copied.exitCode !== 0) return false;
  }
  return true;
}

async function kindOf(host: Host, path: string): Promise<"file" | "folder" | "link-to-folder" | null> {
  try {
    const itself = await lstat(host.path(path));
    if (itself.isDirectory()) return "folder";
    if (!itself.isSymbolicLink()) return "file";
    const target = await stat(host.path(path)).catch(() => null);
    return target?.isDirectory() ? "link-to-folder" : "file";
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function makeParents(host: Host, path: string, tree: string): Promise<void> {
  const parts = dirname(path).split("/").filter(Boolean);
  for (let depth = 1; depth <= parts.length; depth += 1)
    await makeFolder(host, `/${parts.slice(0, depth).join("/")}`, tree);
}

async function makeFolder(host: Host, path: string, tree: string): Promise<void> {
  const to = host.path(join(tree, path));
  if ((await mkdir(to, { recursive: true })) === undefined) return;
  const found = await stat(host.path(path)).catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
  // One that the owner took away with the conffiles in it is made as packages have it.
  if (found !== null) await chown(to, found.uid, found.gid);
  await chmod(to, (found?.mode ?? 0o755) & 0o7777);
}

/** A conffile that the owner took away goes in empty, so that dpkg goes on taking it for taken away. */
async function writeConffiles(
  host: Host,
  { conffiles, tree }: { conffiles: readonly Conffile[]; tree: string },
): Promise<void> {
  if (conffiles.length === 0) return;
  for (const { path, digest } of conffiles) {
    await makeParents(host, path, tree);
    const to = host.path(join(tree, path));
    const found = await stat(host.path(path)).catch(() => null);
    if (found === null || !found.isFile() || found.size > conffileMaxBytes) {
      await writeFile(to, "", { mode: 0o644 });
      continue;
    }
    const content = await readFile(host.path(path));
    const isOriginal = createHash("md5").update(content).digest("hex") === digest;
    await writeFile(to, isOriginal ? content : Buffer.concat([content, Buffer.from("\n")]));
    await chown(to, found.uid, found.gid);
    await chmod(to, found.mode & 0o7777);
    await utimes(to, found.atime, found.mtime);
  }
  const text = conffiles.map(({ path }) => `${path}\n`).join("");
  await writeFile(host.path(join(tree, "DEBIAN/conffiles")), text, { mode: 0o644 });
}

async function copyControlFiles(host: Host, { named, tree }: { named: string; tree: string }): Promise<void> {
  const listed = await host.run(["dpkg-query", "--control-path", named]);
  for (const path of listed.stdout.split("\n").filter((line) => line.startsWith("/"))) {
    const name = basename(path).replace(/^.*\./, "");
    const to = host.path(join(tree, "DEBIAN", name));
    await rm(to, { force: true });
    await copyFile(host.path(path), to);
    await chmod(to, packageScripts.has(name) ? 0o755 : 0o644);
  }
}
