import { join } from "node:path";
import { readTextIfExists, writeFileAtomically } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { agentPaths } from "../platform/paths.ts";

/** A file by which agent and updater tell each other something: a fact a line, a name and its value. */
export type UpdaterFile = "request" | "pending" | "result" | "last-check" | "installed";
export type Facts = Readonly<Record<string, string>>;

/** The facts of one of the updater's files; null when there is none. */
export async function readUpdaterFile(host: Host, name: UpdaterFile): Promise<Facts | null> {
  return await readFacts(host, join(agentPaths.updater, name));
}

/** The facts of a file; null when there is none. Of a name that comes twice, the first counts. */
export async function readFacts(host: Host, path: string): Promise<Facts | null> {
  const text = await readTextIfExists(host.path(path));
  if (text === null) return null;
  const facts: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const space = line.indexOf(" ");
    if (space > 0) facts[line.slice(0, space)] ??= line.slice(space + 1);
  }
  return facts;
}

/** Replaces a file of facts whole. */
export async function writeFacts(host: Host, path: string, facts: Facts): Promise<void> {
  const text = Object.entries(facts).map(([name, value]) => `${name} ${value}\n`);
  await writeFileAtomically(host.path(path), text.join(""), { mode: 0o644 });
}
