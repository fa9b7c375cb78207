import { appendFileSync, existsSync, renameSync, writeFileSync } from "node:fs";
import type { Random } from "./random.ts";

/** Writes a mail log as Postfix and logrotate do. */
export interface LogWriter {
  /** Appends the next lines; the last one may come in two pieces. */
  write(lines: readonly string[]): void;
  /** Renames the log and those before it, writes on to the renamed one, and begins anew. */
  rotate(lines: readonly string[]): void;
  /** Writes what is left of a line. */
  finish(): void;
  rotations(): number;
}

const rotatedMax = 40;

export function writeLogTo(path: string, random: Random): LogWriter {
  let rotated = 0;
  let rest = "";
  const append = (to: string, text: string): void => appendFileSync(to, text);
  return {
    write(lines) {
      const text = rest + lines.join("");
      const cut = text.length - random.between(0, 60);
      append(path, text.slice(0, cut));
      rest = text.slice(cut);
    },
    rotate(lines) {
      rotated += 1;
      for (let number = rotatedMax; number >= 1; number -= 1)
        if (existsSync(`${path}.${number}`)) renameSync(`${path}.${number}`, `${path}.${number + 1}`);
      renameSync(path, `${path}.1`);
      writeFileSync(path, "");
      // Whoever logs goes on with the file that it holds until it is told to open the new one.
      append(`${path}.1`, rest + lines.join(""));
      rest = "";
    },
    finish() {
      append(path, rest);
      rest = "";
    },
    rotations: () => rotated,
  };
}
