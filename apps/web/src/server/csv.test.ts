import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csvCell, listCsv } from "./csv.ts";

describe("a cell", () => {
  test.each([
    ["plain", "plain"],
    ['says "hello", twice', '"says ""hello"", twice"'],
    ["two\nlines", '"two\nlines"'],
    [12, "12"],
    [-3, "-3"],
    [null, ""],
    [true, "true"],
    [new Date("2026-11-23T10:00:00Z"), "2026-11-23T10:00:00.000Z"],
  ] as const)("of %j is written as %s", (value, cell) => {
    expect(csvCell(value)).toBe(cell);
  });

  test.each([
    "=1+1",
    "+49 30 1234",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "  =1",
    "＝1+1",
    '=HYPERLINK("http://x.example","y")',
  ])("of %j is no formula to a spreadsheet", (value) => {
    expect(csvCell(value).replace(/^"/, "").startsWith("'")).toBe(true);
  });

  test("never begins like a formula and reads back as the text that it was given", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const read = unquoted(csvCell(text));
        expect(read).not.toMatch(/^\s*[=+\-@]/);
        expect([text, `'${text}`]).toContain(read);
      }),
    );
  });
});

function unquoted(cell: string): string {
  return cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
}

const pages: Record<string, { found: { id: string }[]; nextCursor: string | null }> = {
  "": { found: [{ id: "a" }, { id: "b" }], nextCursor: "after b" },
  "after b": { found: [{ id: "b" }, { id: "c" }], nextCursor: "after c" },
  "after c": { found: [], nextCursor: null },
};

describe("an export", () => {
  const asked: string[] = [];
  const lines = () =>
    listCsv({
      pages:
        (_ctx, params) =>
        async ({ cursor = "" }) => {
          asked.push(cursor);
          return params.has("none") ? { found: [], nextCursor: null } : (pages[cursor] ?? never());
        },
      rowsPerPage: 2,
      rows: (page) => page.found,
      columns: { id: ({ id }) => id, length: ({ id }) => id.length },
    });
  const ctx = {} as Parameters<ReturnType<typeof lines>>[0];

  test("holds every row of every page once, below its head", async () => {
    const written = await collect(lines()(ctx, new URLSearchParams()));
    expect(written).toEqual(["id,length\r\n", "a,1\r\n", "b,1\r\n", "c,1\r\n"]);
  });

  test("is its head alone when nothing matches", async () => {
    expect(await collect(lines()(ctx, new URLSearchParams("none")))).toEqual(["id,length\r\n"]);
  });

  test("asks for no page before somebody takes the rows of the one before", async () => {
    asked.length = 0;
    const written = lines()(ctx, new URLSearchParams());
    await written.next();
    await written.next();
    await written.return(undefined);
    expect(asked).toEqual([""]);
  });
});

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

function never(): never {
  throw new Error("a page was asked for that there is not");
}
