import { type SpawnOptions, spawnSync } from "node:child_process";
import { chownSync, lchownSync, lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { PostgresError } from "./postgres-error.ts";

/**
 * How Postgres is run, which refuses to be root. Root becomes nobody; where nobody cannot reach the files (a clone
 * below a 0700 folder such as /root) it enters a user namespace that shows root as an ordinary user instead.
 */
export type RunAs =
  | { readonly kind: "self" }
  | { readonly kind: "nobody"; readonly uid: number; readonly gid: number }
  | { readonly kind: "namespace" };

const namespaceCommand = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"] as const;

/** Throws PostgresError when this process is root and neither way works here. */
export function chooseRunAs(dataDir: string, binary: string): RunAs {
  if (process.getuid?.() !== 0) return { kind: "self" };
  const nobody = findNobody();
  if (nobody && isReachableByAll(dataDir) && isReachableByAll(dirname(binary)) && canRunAs(nobody, binary))
    return nobody;
  if (canUseNamespace()) return { kind: "namespace" };
  throw new PostgresError(
    `Postgres does not run as root, and here the user nobody cannot reach ${dataDir} while user namespaces are not allowed; start Mailstead as an ordinary user, clone it to a folder that everyone may enter, or set DATABASE_URL.`,
  );
}

/** The command, arguments and spawn options with which `binary` runs as decided. */
export function commandAs(
  runAs: RunAs,
  binary: string,
  args: readonly string[],
): { command: string; args: string[]; options: SpawnOptions } {
  switch (runAs.kind) {
    case "self":
      return { command: binary, args: [...args], options: {} };
    case "nobody":
      return { command: binary, args: [...args], options: { uid: runAs.uid, gid: runAs.gid } };
    case "namespace": {
      const [command, ...rest] = namespaceCommand;
      return { command, args: [...rest, binary, ...args], options: {} };
    }
  }
}

/** Gives a file or a whole folder to the user that Postgres runs as. */
export function giveTo(runAs: RunAs, path: string): void {
  if (runAs.kind === "self") return;
  const { uid, gid } = runAs.kind === "nobody" ? runAs : { uid: 0, gid: 0 };
  const stats = lstatSync(path);
  if (stats.uid === uid && stats.gid === gid) return;
  if (stats.isDirectory()) for (const name of readdirSync(path)) giveTo(runAs, join(path, name));
  if (stats.isSymbolicLink()) lchownSync(path, uid, gid);
  else chownSync(path, uid, gid);
}

function findNobody(): { kind: "nobody"; uid: number; gid: number } | null {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((entry) => entry.startsWith("nobody:"));
  const [, , uid, gid] = line?.split(":") ?? [];
  return uid && gid ? { kind: "nobody", uid: Number(uid), gid: Number(gid) } : null;
}

function isReachableByAll(path: string): boolean {
  const executeByOthers = 0o001;
  for (let folder = path; ; folder = dirname(folder)) {
    const stats = statSync(folder, { throwIfNoEntry: false });
    if (stats && (stats.mode & executeByOthers) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

function canRunAs(user: { uid: number; gid: number }, binary: string): boolean {
  return (
    spawnSync(binary, ["--version"], { uid: user.uid, gid: user.gid, cwd: "/", stdio: "ignore" }).status === 0
  );
}

function canUseNamespace(): boolean {
  const [command, ...args] = namespaceCommand;
  return spawnSync(command, [...args, "true"], { stdio: "ignore" }).status === 0;
}
