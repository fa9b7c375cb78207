const contextLines = 3;
// Beyond this many differing lines a line-by-line answer helps nobody and costs quadratic time.
const editsMax = 1000;

type Edit = { kind: "same" | "removed" | "added"; line: string };

/**
 * The change of one file as a unified diff (POSIX diff -u) without time stamps; "" when nothing changed.
 * `before` or `after` is null when the file does not exist on that side.
 */
export function unifiedDiff(path: string, before: string | null, after: string | null): string {
  if (before === after) return "";
  const [from, to] = [splitLines(before ?? ""), splitLines(after ?? "")];
  const edits = diffLines(from, to);
  const header = `--- ${before === null ? "/dev/null" : path}\n+++ ${after === null ? "/dev/null" : path}\n`;
  return header + hunksOf(edits).join("");
}

/** Says that a file changed without showing how, for files that hold credentials. */
export function maskedDiff(path: string, before: string | null, after: string | null): string {
  if (before === after) return "";
  const what = before === null ? "is new" : after === null ? "is gone" : "changed";
  return `--- ${before === null ? "/dev/null" : path}\n+++ ${after === null ? "/dev/null" : path}\n@@ the content ${what}; it is not shown because it holds a credential @@\n`;
}

function splitLines(text: string): string[] {
  if (text === "") return [];
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  else lines.push(`${lines.pop()}\n\\ No newline at end of file`);
  return lines;
}

function diffLines(from: readonly string[], to: readonly string[]): Edit[] {
  let start = 0;
  while (start < from.length && start < to.length && from[start] === to[start]) start += 1;
  let end = 0;
  while (
    end < from.length - start &&
    end < to.length - start &&
    from[from.length - 1 - end] === to[to.length - 1 - end]
  )
    end += 1;
  const middle = shortestEdit(from.slice(start, from.length - end), to.slice(start, to.length - end));
  const same = (lines: readonly string[]): Edit[] => lines.map((line) => ({ kind: "same", line }));
  return [...same(from.slice(0, start)), ...middle, ...same(from.slice(from.length - end))];
}

/** Myers, "An O(ND) Difference Algorithm", with one saved frontier for each number of edits. */
function shortestEdit(from: readonly string[], to: readonly string[]): Edit[] {
  const replaced: Edit[] = [
    ...from.map((line): Edit => ({ kind: "removed", line })),
    ...to.map((line): Edit => ({ kind: "added", line })),
  ];
  if (from.length === 0 || to.length === 0) return replaced;
  const max = Math.min(from.length + to.length, editsMax);
  const offset = max + 1;
  const frontier = new Int32Array(2 * offset + 1);
  const saved: Int32Array[] = [];
  for (let edits = 0; edits <= max; edits += 1) {
    saved.push(frontier.slice(offset - edits - 1, offset + edits + 2));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = goesDown(diagonal, edits, (at) => frontier[offset + at] ?? 0)
        ? (frontier[offset + diagonal + 1] ?? 0)
        : (frontier[offset + diagonal - 1] ?? 0) + 1;
      while (x < from.length && x - diagonal < to.length && from[x] === to[x - diagonal]) x += 1;
      frontier[offset + diagonal] = x;
      if (x >= from.length && x - diagonal >= to.length) return walkBack(saved, from, to);
    }
  }
  return replaced;
}

function goesDown(diagonal: number, edits: number, at: (diagonal: number) => number): boolean {
  return diagonal === -edits || (diagonal !== edits && at(diagonal - 1) < at(diagonal + 1));
}

function walkBack(saved: readonly Int32Array[], from: readonly string[], to: readonly string[]): Edit[] {
  const edits: Edit[] = [];
  let [x, y] = [from.length, to.length];
  for (let count = saved.length - 1; count >= 0; count -= 1) {
    const frontier = saved[count];
    const at = (diagonal: number) => frontier?.[diagonal + count + 1] ?? 0;
    const diagonal = x - y;
    const isDown = goesDown(diagonal, count, at);
    const previousX = at(isDown ? diagonal + 1 : diagonal - 1);
    const previousY = previousX - (isDown ? diagonal + 1 : diagonal - 1);
    const [startX, startY] =
      count === 0 ? [0, 0] : isDown ? [previousX, previousY + 1] : [previousX + 1, previousY];
    while (x > startX && y > startY) {
      edits.push({ kind: "same", line: from[x - 1] ?? "" });
      x -= 1;
      y -= 1;
    }
    if (count === 0) break;
    if (isDown) edits.push({ kind: "added", line: to[previousY] ?? "" });
    else edits.push({ kind: "removed", line: from[previousX] ?? "" });
    [x, y] = [previousX, previousY];
  }
  return edits.reverse();
}

function hunksOf(edits: readonly Edit[]): string[] {
  const hunks: string[] = [];
  let fromLine = 1;
  let toLine = 1;
  let index = 0;
  while (index < edits.length) {
    if (edits[index]?.kind === "same") {
      index += 1;
      fromLine += 1;
      toLine += 1;
      continue;
    }
    const start = Math.max(0, index - contextLines);
    let end = index;
    for (let quiet = 0; end < edits.length && quiet <= 2 * contextLines; end += 1)
      quiet = edits[end]?.kind === "same" ? quiet + 1 : 0;
    while (end > index && edits[end - 1]?.kind === "same") end -= 1;
    end = Math.min(edits.length, end + contextLines);
    const part = edits.slice(start, end);
    const before = index - start;
    const count = (kind: Edit["kind"]) => part.filter((edit) => edit.kind === kind).length;
    const [fromCount, toCount] = [count("same") + count("removed"), count("same") + count("added")];
    const [fromStart, toStart] = [fromLine - before, toLine - before];
    hunks.push(
      `@@ -${fromCount === 0 ? fromStart - 1 : fromStart},${fromCount} +${toCount === 0 ? toStart - 1 : toStart},${toCount} @@\n`,
      ...part.map((edit) => `${marks[edit.kind]}${edit.line}\n`),
    );
    fromLine = fromStart + fromCount;
    toLine = toStart + toCount;
    index = end;
  }
  return hunks;
}

const marks = { same: " ", removed: "-", added: "+" } as const;
