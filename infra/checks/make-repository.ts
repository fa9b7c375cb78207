import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

export interface Repository {
  readonly root: string;
  remove(): void;
}

const projectRoot = resolve(import.meta.dirname, "../..");

/**
 * A small repository in a temporary folder, for a check to find fault with. `workspaces` maps a folder to its
 * package.json without the name, which is taken from the folder; `copied` are files taken over from this project.
 */
export function makeRepository(content: {
  readonly workspaces?: Readonly<Record<string, object>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly copied?: readonly string[];
}): Repository {
  const root = mkdtempSync(join(tmpdir(), "mailstead-check-"));
  const workspaces = content.workspaces ?? {};
  const packages = Object.entries(workspaces).map(([folder, rest]) => {
    const name = `@mailstead/${folder.split("/").at(-1)}`;
    return [`${folder}/package.json`, JSON.stringify({ name, type: "module", ...rest })] as const;
  });
  const rootPackage = {
    name: "mailstead",
    workspaces: Object.keys(workspaces),
    devDependencies: { vitest: "1" },
  };
  const files = {
    "package.json": JSON.stringify(rootPackage),
    ...Object.fromEntries(packages),
    ...content.files,
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  for (const path of content.copied ?? [])
    cpSync(join(projectRoot, path), join(root, path), { recursive: true });
  execFileSync("git", ["init", "--quiet", root]);
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}
