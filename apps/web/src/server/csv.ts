import type { ServiceContext } from "@mailstead/services/context";

export type CsvValue = string | number | boolean | Date | null;

/**
 * One cell by RFC 4180. A text that a spreadsheet would take for a formula is led by an apostrophe; a number is left
 * alone, because it is none.
 */
export function csvCell(value: CsvValue): string {
  if (value === null) return "";
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== "string") return String(value);
  // Spreadsheets drop blanks before they look for a formula, and some read the wide forms of its first signs too.
  const safe = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n\t]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function csvLine(cells: readonly CsvValue[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

/** A list's lines of CSV, its head first, for the person whose context it is and the parameters of the list's page. */
export type ListCsv = (ctx: ServiceContext, params: URLSearchParams) => AsyncGenerator<string>;

interface Paged {
  nextCursor: string | null;
}

export interface ListCsvOptions<Page extends Paged, Row extends { id: string }> {
  /** Makes the reader of the list's pages; the use case behind it sees to whose rows these are. */
  pages: (
    ctx: ServiceContext,
    params: URLSearchParams,
  ) => (at: { cursor?: string; limit: number }) => Promise<Page>;
  rowsPerPage: number;
  rows: (page: Page) => readonly Row[];
  columns: Readonly<Record<string, (row: Row) => CsvValue>>;
}

/**
 * A list as CSV, written page by page as it is read, so that a long one never lies in memory whole. Each id comes once:
 * a row that moves to a later page while the list is read would come again.
 */
export function listCsv<Page extends Paged, Row extends { id: string }>(
  options: ListCsvOptions<Page, Row>,
): ListCsv {
  const { pages, rowsPerPage, rows, columns } = options;
  return async function* lines(ctx, params) {
    yield csvLine(Object.keys(columns));
    const readPage = pages(ctx, params);
    const seen = new Set<string>();
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const page: Page = await readPage({ limit: rowsPerPage, ...(cursor === undefined ? {} : { cursor }) });
      for (const row of rows(page)) {
        if (seen.has(row.id)) continue;
        seen.add(row.id);
        yield csvLine(Object.values(columns).map((read) => read(row)));
      }
      cursor = page.nextCursor;
    }
  };
}
