import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** One folder of material that others wrote. What cannot be read is noted, and never ends the run. */
export interface Material {
  /** Names of the files directly in the folder, or in one below it; none where that is absent. */
  readonly files: (under?: string) => readonly string[];
  readonly folders: (under?: string) => readonly string[];
  /** Null, with a note, for a file that is not there or cannot be read. */
  readonly bytes: (file: string) => Uint8Array | null;
  readonly text: (file: string) => string | null;
  readonly json: <Value>(file: string) => Value | null;
  /** A value a line; a line that is broken is noted and left out. */
  readonly jsonLines: <Value>(file: string) => readonly Value[];
  readonly notes: readonly string[];
}

/** Opens a set's folder; null where there is none. */
export function openMaterial(folder: string): Material | null {
  if (!isFolder(folder)) return null;
  const notes: string[] = [];
  const list = (under: string) => {
    const path = join(folder, under);
    return isFolder(path) ? readdirSync(path, { withFileTypes: true }) : [];
  };
  const note = (file: string, cause: unknown): null => {
    notes.push(`${file}: ${cause instanceof Error ? cause.message.split(", ")[0] : String(cause)}`);
    return null;
  };
  const bytes = (file: string) => {
    try {
      return new Uint8Array(readFileSync(join(folder, file)));
    } catch (cause) {
      return note(file, cause);
    }
  };
  const text = (file: string) => {
    const found = bytes(file);
    return found === null ? null : new TextDecoder().decode(found);
  };
  const parse = <Value>(source: string, from: string): Value | null => {
    try {
      return JSON.parse(from) as Value;
    } catch (cause) {
      return note(source, cause);
    }
  };
  return {
    files: (under = ".") =>
      list(under)
        .filter((entry) => entry.isFile() && entry.name !== "NOTICE.txt")
        .map(({ name }) => name)
        .sort(),
    folders: (under = ".") =>
      list(under)
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .sort(),
    bytes,
    text,
    json: (file) => {
      const found = text(file);
      return found === null ? null : parse(file, found);
    },
    jsonLines: <Value>(file: string) =>
      (text(file) ?? "").split("\n").flatMap((line, index) => {
        const value = line.trim() === "" ? null : parse<Value>(`${file}, line ${index + 1}`, line);
        return value === null ? [] : [value];
      }),
    notes,
  };
}

/** Whether there is a folder of that name. */
export function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}
