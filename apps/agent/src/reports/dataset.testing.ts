import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

// Lies beside the checkout, not in it.
const folder = resolve(import.meta.dirname, "../../../../../shared/datasets");

/** Material that others wrote, read where it is present. */
export interface Dataset {
  readonly isHere: boolean;
  /** What a test says of itself when the material is absent. */
  readonly note: string;
  readonly files: (under?: string) => readonly string[];
  readonly bytes: (file: string) => Uint8Array;
  readonly json: (file: string) => Record<string, never>;
  readonly lines: <Line>(file: string) => readonly Line[];
}

/** A data set by its name. Nothing is read before it is asked for. */
export function openDataset(name: string): Dataset {
  const path = join(folder, name);
  const isHere = existsSync(path);
  const text = (file: string) => readFileSync(join(path, file), "utf8");
  return {
    isHere,
    note: isHere ? "" : ` (skipped: ${name} is not here)`,
    files: (under = ".") =>
      isHere
        ? readdirSync(join(path, under)).filter(
            (file) => /\.\w+$/.test(file) && !/^(?:NOTICE\.txt|expected\.json)/.test(file),
          )
        : [],
    bytes: (file) => readFileSync(join(path, file)),
    json: (file) => (isHere ? JSON.parse(text(file)) : {}),
    lines: (file) =>
      isHere
        ? text(file)
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line))
        : [],
  };
}
