import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { isReached, type Measure } from "./measure.ts";

const resultsFolder = resolve(import.meta.dirname, "results");

/** The machine that the numbers belong to. */
export function describeMachine(): {
  cpu: string;
  cpuCount: number;
  memoryGiB: number;
  kernel: string;
  node: string;
} {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cpuCount: cpus().length,
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    kernel: release(),
    node: process.version,
  };
}

/** The measures as a table for people, one line each. */
export function table(measures: readonly Measure[]): string {
  const rows = measures.map((measure) => [
    measure.name,
    measure.value === null ? "–" : `${format(measure.value)} ${measure.unit}`,
    measure.aim === null
      ? ""
      : `${measure.aim.kind === "at-most" ? "≤" : "≥"} ${format(measure.aim.value)} ${measure.unit}`,
    verdict(measure),
    String(measure.runs),
    measure.note ?? "",
  ]);
  const all = [["measure", "value", "aim", "", "runs", "note"], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Writes the run as JSON; returns the file's path and the same JSON on one line. */
export function saveJson(measures: readonly Measure[], startedAt: Date): { file: string; line: string } {
  mkdirSync(resultsFolder, { recursive: true });
  const file = join(resultsFolder, `${startedAt.toISOString().replace(/[:.]/g, "-")}.json`);
  const rows = measures.map((measure) => ({ ...measure, isReached: isReached(measure) }));
  const run = { startedAt, machine: describeMachine(), measures: rows };
  writeFileSync(file, `${JSON.stringify(run, null, 2)}\n`);
  return { file, line: JSON.stringify(run) };
}

/** Writes what a bench has to tell beside its measures, and returns the file's path. */
export function saveDetails(name: string, details: unknown): string {
  mkdirSync(resultsFolder, { recursive: true });
  const file = join(resultsFolder, `${name}-${new Date().toISOString().replace(/[:.]/g, "-")}.json`);
  writeFileSync(file, `${JSON.stringify(details, null, 2)}\n`);
  return file;
}

function verdict(measure: Measure): string {
  const reached = isReached(measure);
  if (reached === null) return measure.value === null ? "not measured" : "";
  return reached ? "reached" : "NOT REACHED";
}

function format(value: number): string {
  if (value >= 100 || value === 0) return value.toFixed(0);
  return value >= 1 ? value.toFixed(1) : value.toFixed(2);
}
