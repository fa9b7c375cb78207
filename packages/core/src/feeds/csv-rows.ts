export interface CsvRow {
  /** Of the text, from 1 on. */
  readonly line: number;
  readonly cells: readonly string[];
}

export const csvLimits = { rowsMax: 50_000, cellsMax: 100, cellLengthMax: 2_000 } as const;

/**
 * Rows of a text of comma separated values (RFC 4180), or of one whose cells are parted by semicolons or tabs; empty rows
 * are left out. Throws one sentence with the line where the text breaks the rules or the limits.
 */
export function readCsvRows(text: string): CsvRow[] {
  const body = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const separator = separatorOf(body);
  const rows: CsvRow[] = [];
  let cells: string[] = [];
  let cell = "";
  let line = 1;
  let rowLine = 1;
  let isQuoted = false;
  const endCell = () => {
    if (cell.length > csvLimits.cellLengthMax)
      throw new CsvFault(rowLine, `a cell is longer than ${csvLimits.cellLengthMax} characters`);
    cells.push(cell.trim());
    cell = "";
    if (cells.length > csvLimits.cellsMax)
      throw new CsvFault(rowLine, `a row has more than ${csvLimits.cellsMax} cells`);
  };
  const endRow = () => {
    endCell();
    if (cells.some((one) => one !== "")) rows.push({ line: rowLine, cells });
    if (rows.length > csvLimits.rowsMax)
      throw new CsvFault(rowLine, `there are more than ${csvLimits.rowsMax} rows`);
    cells = [];
  };
  for (let at = 0; at < body.length; at += 1) {
    const char = body[at] ?? "";
    if (char === "\n") line += 1;
    if (isQuoted) {
      if (char !== '"') cell += char;
      else if (body[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else isQuoted = false;
    } else if (char === '"' && cell.trim() === "") {
      cell = "";
      isQuoted = true;
    } else if (char === separator) endCell();
    else if (char === "\n") {
      endRow();
      rowLine = line;
    } else if (char !== "\r") cell += char;
  }
  if (isQuoted) throw new CsvFault(rowLine, "a quotation mark is not closed");
  endRow();
  return rows;
}

/** What is wrong with a text that a person brought, and in which line. */
export class CsvFault extends Error {
  override readonly name = "CsvFault";
  readonly line: number;
  constructor(line: number, what: string) {
    super(`Line ${line}: ${what}.`);
    this.line = line;
  }
}

/** The separator that the first line holds most of. */
function separatorOf(text: string): string {
  const first = text.slice(0, text.search(/[\r\n]|$/));
  const counted = [",", ";", "\t"].map((mark) => ({ mark, count: first.split(mark).length - 1 }));
  return counted.reduce((best, one) => (one.count > best.count ? one : best)).mark;
}
