import type { ScoreRow } from "./score.ts";
import type { Conformance } from "./score-folder.ts";

/** The scores as lines of a table, then what is absent and what could not be read. */
export function conformanceLines({ rows, absent, notes }: Conformance, wrongShownMax: number): string[] {
  const cells = [
    ["set", "score", "right", "total", "share", "floor", ""],
    ...rows.map((row) => [
      row.set,
      row.score,
      String(row.right),
      String(row.total),
      percent(row.share),
      percent(row.floor),
      row.reached === null ? "" : row.reached ? "reached" : "MISSED",
    ]),
  ];
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((line) => (line[column] ?? "").length)));
  const table = cells.map((line) =>
    line
      .map((cell, column) =>
        column >= 2 && column <= 5
          ? cell.padStart(widths?.[column] ?? 0)
          : cell.padEnd(widths?.[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
  return [
    ...table,
    ...(wrongShownMax > 0 ? rows.flatMap((row) => wrongLines(row, wrongShownMax)) : []),
    ...(absent.length > 0 ? ["", `Not there, and not scored: ${absent.join(", ")}.`] : []),
    ...(notes.length > 0 ? ["", "Could not be read:", ...notes.map((note) => `  ${note}`)] : []),
  ];
}

function wrongLines({ set, score, wrong }: ScoreRow, max: number): string[] {
  if (wrong.length === 0) return [];
  const more = wrong.length > max ? [`  and ${wrong.length - max} more`] : [];
  return ["", `${set}, ${score}:`, ...wrong.slice(0, max).map((line) => `  ${line}`), ...more];
}

/** Rounded down: what is short of a floor must not look like it. */
function percent(share: number | null): string {
  return share === null ? "" : `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
}
