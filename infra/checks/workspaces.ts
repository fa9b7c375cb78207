import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface PackageJson {
  readonly name: string;
  readonly workspaces?: readonly string[];
  readonly exports?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Workspace {
  /** Path from the root, as `packages/core`. */
  readonly folder: string;
  readonly packageJson: PackageJson;
}

/** The workspaces that the root package.json names, in the order of their folders. */
export function readWorkspaces(root: string): readonly Workspace[] {
  const patterns = readPackageJson(root).workspaces ?? [];
  return globSync([...patterns], { cwd: root })
    .filter((folder) => existsSync(join(root, folder, "package.json")))
    .sort()
    .map((folder) => ({ folder, packageJson: readPackageJson(join(root, folder)) }));
}

export function readPackageJson(folder: string): PackageJson {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as PackageJson;
}
