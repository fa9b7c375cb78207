import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RenderedFile, RenderedStack } from "@mailstead/core/converge";

/**
 * Writes a playbook that asks for the same end state as a rendered stack: packages, account, folders, files with
 * owner and mode, and units. JSON is YAML, so nothing needs escaping. Returns the playbook's path.
 */
export async function writePlaybook(folder: string, stack: RenderedStack): Promise<string> {
  const files = join(folder, "files");
  await mkdir(files, { recursive: true });
  const sources = await Promise.all(
    stack.files.map(async (file, index) => {
      const source = join(files, `${index}`);
      await writeFile(source, file.content);
      return { file, source };
    }),
  );
  const tasks = [
    { name: "packages", apt: { name: stack.packages, state: "present" } },
    ...stack.systemUsers.map(({ name, uid, home }) => ({
      name: `account ${name}`,
      user: { name, uid, home, system: true, create_home: false },
    })),
    ...stack.folders.map(({ path, owner, group, mode }) => ({
      name: path,
      file: { path, state: "directory", owner, group, mode: octal(mode) },
    })),
    ...sources.map(({ file, source }) => copyTask(file, source)),
    ...stack.units.map(({ unit }) => ({
      name: unit,
      systemd: { name: unit, enabled: true, state: "started" },
    })),
  ];
  const playbook = join(folder, "playbook.yml");
  await writeFile(playbook, JSON.stringify([{ hosts: "all", gather_facts: false, tasks }], null, 2));
  return playbook;
}

function copyTask({ path, owner, group, mode }: RenderedFile, source: string) {
  return { name: path, copy: { src: source, dest: path, owner, group, mode: octal(mode) } };
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}
