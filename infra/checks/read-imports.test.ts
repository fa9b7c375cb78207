import { expect, test } from "vitest";
import { readImports } from "./read-imports.ts";

test("every way to import is seen, and text that looks like an import is not", () => {
  const source = [
    'import type { A } from "./a.ts";',
    'export * from "b";',
    'export { c } from "c";',
    'const d = await import("d");',
    'type E = import("e").E;',
    'const f = require("f");',
    '// import "comment";',
    'const text = `import "text"`;',
    'import g = require("g");',
    'vi.mock("h");',
  ].join("\n");
  expect(readImports("file.ts", source)).toEqual([
    { specifier: "./a.ts", line: 1 },
    { specifier: "b", line: 2 },
    { specifier: "c", line: 3 },
    { specifier: "d", line: 4 },
    { specifier: "e", line: 5 },
    { specifier: "f", line: 6 },
    { specifier: "g", line: 9 },
    { specifier: "h", line: 10 },
  ]);
});

test("a file that does not parse is an error that names it", () => {
  expect(() => readImports("file.ts", "import {")).toThrow(/file\.ts does not parse/);
});
