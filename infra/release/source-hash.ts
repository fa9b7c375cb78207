import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const skippedFolders = new Set(["node_modules", ".next", "build", "dist", ".mailstead"]);

/** SHA-256 over names and contents of all source files below the folders, tests left out; the same for the same source. */
export function hashSources(root: string, paths: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of paths.flatMap((top) => listSources(root, top)).sort()) {
    hash
      .update(path)
      .update("\0")
      .update(readFileSync(join(root, path)))
      .update("\0");
  }
  return hash.digest("hex");
}

function listSources(root: string, path: string): string[] {
  const entries = readIfFolder(join(root, path));
  if (!entries) return [path];
  return entries
    .filter((entry) => !(entry.isDirectory() && skippedFolders.has(entry.name)))
    .filter((entry) => !/\.test\.tsx?$|\.tsbuildinfo$|^next-env\.d\.ts$/.test(entry.name))
    .flatMap((entry) => listSources(root, `${path}/${entry.name}`));
}

function readIfFolder(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return null;
    throw error;
  }
}
