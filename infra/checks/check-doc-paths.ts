import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import type { Check } from "./check.ts";
import { listFiles } from "./source-files.ts";

export const checkDocPaths: Check = {
  promise: "every path that the docs name exists",
  async find(root) {
    const files = listFiles(root);
    const pages = files.filter(
      (path) => path === "README.md" || (path.startsWith("docs/") && path.endsWith(".md")),
    );
    return pages.flatMap((page) =>
      readNamedPaths(page, readFileSync(join(root, page), "utf8"))
        .filter(({ path }) => !exists(root, { path, files }) && !isIgnoredByGit(root, path))
        .map(
          ({ path, line }) =>
            `${page}:${line} names ${path}, which does not exist; follow the move or drop the line.`,
        ),
    );
  },
};

export interface NamedPath {
  readonly path: string;
  readonly line: number;
}

/**
 * The paths of this repository that a page names in backticks or links to.
 * @example readNamedPaths("docs/flow.md", "see `packages/core/src/jobs`") // [{ path: "packages/core/src/jobs", line: 1 }]
 */
export function readNamedPaths(page: string, text: string): readonly NamedPath[] {
  return text.split("\n").flatMap((content, index) => {
    const line = index + 1;
    const quoted = [...content.matchAll(/`([^`\s]+)`/g)]
      .map(([, path]) => path ?? "")
      .filter(isRepositoryPath);
    const linked = [...content.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target]) => target ?? "")
      .filter((target) => !/^[a-z]+:|^#|^\//.test(target))
      .map((target) => posix.normalize(posix.join(posix.dirname(page), target.replace(/#.*$/, ""))));
    return [...quoted.map(withoutPosition), ...linked].map((path) => ({ path, line }));
  });
}

function isRepositoryPath(path: string): boolean {
  return /^(apps|packages|infra|e2e|docs|\.ci)\//.test(path);
}

function withoutPosition(path: string): string {
  return path.replace(/:\d+(-\d+)?$/, "").replace(/[.,;]$/, "");
}

/** `*`, `<slice>` and `{a,b}` stand for anything; such a path must match at least one file. */
function exists(root: string, { path, files }: { path: string; files: readonly string[] }): boolean {
  if (!/[*<{]/.test(path)) return existsSync(join(root, path));
  const pattern = path
    .split(/(\*\*|\*|<[^>]+>|\{[^}]+\})/)
    .map((part) => {
      if (part === "**") return ".*";
      if (part === "*" || part.startsWith("<")) return "[^/]+";
      if (part.startsWith("{")) return `(${part.slice(1, -1).split(",").map(escapePattern).join("|")})`;
      return escapePattern(part);
    })
    .join("");
  return files.some((file) => new RegExp(`^${pattern}(/|$)`).test(file));
}

/** What a run leaves behind, as screenshots, need not be there now. */
function isIgnoredByGit(root: string, path: string): boolean {
  return spawnSync("git", ["check-ignore", "--quiet", "--", path], { cwd: root }).status === 0;
}

function escapePattern(text: string): string {
  return text.replace(/[.+?^$()|[\]\\]/g, "\\$&");
}
