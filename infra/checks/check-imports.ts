import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join, posix } from "node:path";
import type { Check } from "./check.ts";
import { type ImportRule, importTable, queueClient } from "./import-table.ts";
import { type ImportStatement, readImports } from "./read-imports.ts";
import { listFiles } from "./source-files.ts";
import { type PackageJson, readPackageJson, readWorkspaces, type Workspace } from "./workspaces.ts";

export const checkImports: Check = {
  promise: "every import follows the import table",
  async find(root) {
    const workspaces = readWorkspaces(root);
    const rootPackage = readPackageJson(root);
    const files = listFiles(root).filter(
      (path) => /\.(ts|tsx|mts|js|mjs|cjs)$/.test(path) && !path.includes("/fixtures/"),
    );
    return workspaces.flatMap((workspace) => {
      const rule = importTable[workspace.packageJson.name];
      if (!rule)
        return [
          `${workspace.folder}: ${workspace.packageJson.name} has no row in infra/checks/import-table.ts; add one.`,
        ];
      return files
        .filter((path) => path.startsWith(`${workspace.folder}/`))
        .flatMap((path) =>
          readImports(path, readFileSync(join(root, path), "utf8")).flatMap((statement) => {
            const file: ImportingFile = { path, workspace, rule, workspaces, rootPackage };
            const refusal = refuseImport(file, statement);
            return refusal ? [`${path}:${statement.line} imports "${statement.specifier}": ${refusal}.`] : [];
          }),
        );
    });
  },
};

interface ImportingFile {
  readonly path: string;
  readonly workspace: Workspace;
  readonly rule: ImportRule;
  readonly workspaces: readonly Workspace[];
  readonly rootPackage: PackageJson;
}

function refuseImport(file: ImportingFile, { specifier }: ImportStatement): string | null {
  if (specifier.startsWith(".")) return refuseRelative(file, specifier);
  if (specifier.startsWith("@/")) return null; // Web's alias of its own src.
  const name = packageNameOf(specifier);
  if (specifier.startsWith("node:") || builtinModules.includes(name)) return refuseBuiltin(file, specifier);
  const target = file.workspaces.find((workspace) => workspace.packageJson.name === name);
  return target ? refuseOwnPackage(file, { specifier, target }) : refuseForeignPackage(file, name);
}

function refuseRelative({ path, workspace, rule }: ImportingFile, specifier: string): string | null {
  const resolved = posix.normalize(posix.join(posix.dirname(path), specifier));
  if (!resolved.startsWith(`${workspace.folder}/`))
    return "it leaves its package; import the other package by name";
  if (isTestSupport(resolved))
    return isTest(path) ? null : "test support does not ship; only tests may use it";
  if (!rule.hasSlices) return null;
  const from = sliceOf(workspace, path);
  const to = sliceOf(workspace, resolved);
  if (from === null || to === null || from === to || resolved === `${workspace.folder}/src/${to}/index.ts`)
    return null;
  return `slice ${from} sees slice ${to} only through its index.ts`;
}

function sliceOf({ folder }: Workspace, path: string): string | null {
  const [slice, ...rest] = path.slice(`${folder}/src/`.length).split("/");
  return path.startsWith(`${folder}/src/`) && slice && rest.length > 0 ? slice : null;
}

function refuseBuiltin({ path, rule }: ImportingFile, specifier: string): string | null {
  if (!specifier.startsWith("node:")) return `write node:${specifier}, so that no package can take its place`;
  return rule.node || isTest(path) ? null : `${rule.reason}; take the value as an argument`;
}

function refuseOwnPackage(
  file: ImportingFile,
  { specifier, target }: { specifier: string; target: Workspace },
): string | null {
  const { path, workspace, rule } = file;
  const name = target.packageJson.name;
  const exception = rule.exceptions?.find(
    ({ below, packages }) => packages.includes(name) && path.startsWith(`${workspace.folder}/${below}/`),
  );
  if (name !== workspace.packageJson.name && !(name in rule.packages) && !exception) {
    return `${workspace.packageJson.name} may not import ${name}, because ${rule.reason}`;
  }
  const subpath = `.${specifier.slice(name.length)}`;
  if (!(subpath in (target.packageJson.exports ?? {})))
    return `${name} does not export ${subpath}; use one of its slices`;
  if (name !== workspace.packageJson.name && !isDeclared(workspace.packageJson, { name, path })) {
    return `${workspace.folder}/package.json does not declare ${name}`;
  }
  return null;
}

function refuseForeignPackage(
  { path, workspace, rule, rootPackage }: ImportingFile,
  name: string,
): string | null {
  const own = workspace.packageJson;
  if (name === "bullmq" && own.name !== queueClient && !isTest(path)) {
    return `only ${queueClient} talks to bullmq; gateway and worker use it, others write an outbox row`;
  }
  const never = rule.never?.[name];
  if (never) return `it stays out of ${own.name}, because ${never}`;
  if ((isTest(path) || isTooling(path)) && isDeclared(rootPackage, { name, path })) return null;
  if (rule.external !== "declared" && !rule.external.includes(name) && !isTest(path)) {
    return `${own.name} may import only ${rule.external.join(", ")}, because ${rule.reason}`;
  }
  return isDeclared(own, { name, path }) ? null : `${workspace.folder}/package.json does not declare ${name}`;
}

/** Shipped code may rest on dependencies only; tests, settings and tooling folders also on devDependencies. */
function isDeclared(packageJson: PackageJson, { name, path }: { name: string; path: string }): boolean {
  if (name in (packageJson.dependencies ?? {}) || name in (packageJson.optionalDependencies ?? {}))
    return true;
  const names = [name, `@types/${name.replace("@", "").replace("/", "__")}`];
  return (
    (isTest(path) || isTooling(path)) &&
    names.some((candidate) => candidate in (packageJson.devDependencies ?? {}))
  );
}

/** Files that exist for tests only, in any slice. */
function isTestSupport(path: string): boolean {
  return /\/testing\/|\.testing\.tsx?$/.test(path);
}

function isTest(path: string): boolean {
  return isTestSupport(path) || /\.test\.tsx?$|\/test\/|\.config\.(ts|mts|mjs|js)$/.test(path);
}

function isTooling(path: string): boolean {
  return path.startsWith("infra/") || path.startsWith("e2e/");
}

function packageNameOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}
