import { z } from "zod";

/** A column as far as choosing goes; which of them a table can do without is the table's business. */
interface ChoosableColumn {
  id: string;
  isHiddenAtFirst?: boolean;
  from?: "sm" | "md" | "lg" | "xl";
}

/** What a person said about columns, by list and column; of a column that is not named the list decides. */
export type ColumnChoices = Readonly<Record<string, Readonly<Record<string, boolean>>>>;

const choicesSchema = z.record(z.string().max(40), z.record(z.string().max(40), z.boolean()));
const yearSeconds = 365 * 86_400;

/** The cookie of one person, so that two who share a browser do not share their columns. */
export function columnCookie(userId: string): string {
  return `mailstead-columns-${userId}`;
}

/** Reads the stored choices; what is not ours or damaged is no choice. */
export function readColumnChoices(cookie: string | undefined): ColumnChoices {
  try {
    return choicesSchema.parse(JSON.parse(decodeURIComponent(cookie ?? "")));
  } catch {
    return {};
  }
}

/** The line that keeps the choices in the browser, whence the server paints the next page right from the start. */
export function columnCookieLine(userId: string, choices: ColumnChoices): string {
  const value = encodeURIComponent(JSON.stringify(choices));
  return `${columnCookie(userId)}=${value}; path=/; max-age=${yearSeconds}; samesite=lax`;
}

/** Whether a column is shown, by the person's word or else by the list's. */
export function isChosen(column: ChoosableColumn, choice: Readonly<Record<string, boolean>>): boolean {
  return choice[column.id] ?? column.isHiddenAtFirst !== true;
}

/**
 * The columns to show. One that was asked for shows on any screen that is not a phone's, however wide the list wanted
 * the screen to be for it.
 */
export function chooseColumns<Column extends ChoosableColumn>(
  columns: readonly Column[],
  choice: Readonly<Record<string, boolean>>,
): readonly Column[] {
  return columns
    .filter((column) => isChosen(column, choice))
    .map((column) =>
      choice[column.id] === true && column.from !== "sm" ? { ...column, from: "md" } : column,
    );
}
