export interface DiffLine {
  /** Where the line stands in the diff, from 0. */
  position: number;
  kind: "added" | "removed" | "context" | "gap";
  text: string;
  oldNumber: number | null;
  newNumber: number | null;
}

/** Reads the lines of a unified diff with their numbers on both sides; file headers are left out. */
export function parseUnifiedDiff(diff: string): readonly DiffLine[] {
  const lines: DiffLine[] = [];
  let oldNumber = 1;
  let newNumber = 1;
  let isInHunk = false;
  const push = (line: Omit<DiffLine, "position">) => lines.push({ position: lines.length, ...line });
  for (const raw of diff.split("\n")) {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)$/.exec(raw);
    if (hunk !== null) {
      oldNumber = Number(hunk[1]);
      newNumber = Number(hunk[2]);
      if (isInHunk || oldNumber > 1)
        push({ kind: "gap", text: (hunk[3] ?? "").trim(), oldNumber: null, newNumber: null });
      isInHunk = true;
    } else if (!isInHunk && /^(---|\+\+\+|diff |index )/.test(raw)) {
      // Headers name the file, which the view already does.
    } else if (raw.startsWith("+")) {
      push({ kind: "added", text: raw.slice(1), oldNumber: null, newNumber: newNumber++ });
    } else if (raw.startsWith("-")) {
      push({ kind: "removed", text: raw.slice(1), oldNumber: oldNumber++, newNumber: null });
    } else if (raw.startsWith(" ")) {
      push({ kind: "context", text: raw.slice(1), oldNumber: oldNumber++, newNumber: newNumber++ });
    }
  }
  return lines;
}
