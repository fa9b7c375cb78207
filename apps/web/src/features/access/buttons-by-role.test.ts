import { globSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";
import { type GuardedProcedure, neededRoles } from "./needed-roles.ts";

const sources = resolve(import.meta.dirname, "../..");

interface Source {
  readonly text: string;
  readonly imports: readonly string[];
}

const files = new Map(
  globSync("**/*.{ts,tsx}", { cwd: sources })
    .filter((name) => !name.includes(".test."))
    .map((name): [string, Source] => {
      const path = join(sources, name);
      const text = readFileSync(path, "utf8");
      const imports = [...text.matchAll(/from "(\.[^"]+)"/g)].map(([, to = ""]) =>
        resolve(dirname(path), to),
      );
      return [path, { text, imports }];
    }),
);

/** A file asks whether the person may use a procedure: with IfMay, with `may`, or with the form that saves by it. */
function asksFor(path: string, procedure: string): boolean {
  return new RegExp(`(\\buse=|\\b(may|useMay\\(\\))\\()"${procedure}"`).test(files.get(path)?.text ?? "");
}

/** The pages from which one comes to this file without being asked whether one may use the procedure. */
function openWays(path: string, procedure: string, seen: ReadonlySet<string> = new Set()): string[] {
  if (seen.has(path) || asksFor(path, procedure)) return [];
  const importers = [...files].filter(([, { imports }]) => imports.includes(path)).map(([name]) => name);
  if (importers.length === 0) return [path];
  return importers.flatMap((name) => openWays(name, procedure, new Set([...seen, path])));
}

/** Links that open a dialog, by the procedure that the dialog ends in. */
const links: Partial<Record<GuardedProcedure, string>> = {
  "servers.add": "/servers?add=",
  "domains.add": "/domains?add=",
  "zones.create": "/zones?host=",
};

/** Where each procedure is used that is not for everybody. What a page asks for before it is sent, it shows to nobody. */
const uses = [...files]
  .filter(([path]) => !path.startsWith(join(sources, "app/")))
  .flatMap(([path, { text }]) =>
    (Object.keys(neededRoles) as GuardedProcedure[])
      .filter(
        (procedure) =>
          new RegExp(`\\.${procedure}\\.(mutation|query)Options\\(`).test(text) ||
          text.includes(links[procedure] ?? "\0"),
      )
      .map((procedure) => ({ procedure, path, file: path.slice(sources.length + 1) })),
  );

test.each(uses)("$procedure is offered by $file only to people who may use it", ({ procedure, path }) => {
  expect(openWays(path, procedure).map((way) => way.slice(sources.length + 1))).toEqual([]);
});

test("every procedure that is not for everybody is found where it is used", () => {
  expect(new Set(uses.map(({ procedure }) => procedure))).toEqual(new Set(Object.keys(neededRoles)));
});
