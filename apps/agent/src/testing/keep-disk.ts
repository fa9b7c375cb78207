import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FakeState } from "./fake-host.ts";

/** Copies the disk of a fake host as it is at this moment, which is what a process would leave that is killed now. */
export function keepDisk(root: string, copy: string): void {
  cpSync(root, copy, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  // Owners are remembered by inode.
  const statePath = join(copy, "fake-state.json");
  const state = JSON.parse(readFileSync(statePath, "utf8")) as FakeState;
  const owners: FakeState["owners"] = {};
  for (const path of ["", ...readdirSync(root, { recursive: true, encoding: "utf8" })]) {
    const owner = state.owners[inodeOf(join(root, path))];
    if (owner !== undefined) owners[inodeOf(join(copy, path))] = owner;
  }
  writeFileSync(statePath, JSON.stringify({ ...state, owners }));
}

function inodeOf(path: string): string {
  return String(statSync(path, { throwIfNoEntry: false })?.ino);
}
