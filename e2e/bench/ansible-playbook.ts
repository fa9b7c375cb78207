import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RenderedFile, RenderedStack } from "@mailstead/core/converge";

export interface PlaybookOptions {
  /** As ansible does unless it is told otherwise. */
  readonly gathersFacts: boolean;
  /** Names of variables to their values, which the templates take from there instead. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Writes a playbook that asks for the same end state as a rendered stack: packages, account, folders, files with owner and
 * mode from templates, a reload of Postfix where its settings changed, and units. JSON is YAML, so nothing needs escaping.
 * Returns the playbook's path.
 */
export async function writePlaybook(
  folder: string,
  stack: RenderedStack,
  { gathersFacts, variables }: PlaybookOptions,
): Promise<string> {
  const templates = join(folder, "templates");
  await mkdir(templates, { recursive: true });
  const sources = await Promise.all(
    stack.files.map(async (file, index) => {
      const source = join(templates, `${index}.j2`);
      await writeFile(source, templateOf(file.content, variables));
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
    ...sources.map(({ file, source }) => templateTask(file, source)),
    ...stack.units.map(({ unit }) => ({
      name: unit,
      systemd: { name: unit, enabled: true, state: "started" },
    })),
  ];
  const handlers = [{ name: reloadPostfix, systemd: { name: "postfix", state: "reloaded" } }];
  const path = join(folder, gathersFacts ? "state.yml" : "state-without-facts.yml");
  return writePlay(path, { gather_facts: gathersFacts, vars: variables, tasks, handlers });
}

/** Writes a playbook that brings packages to exact versions. Returns its path. */
export function writeUpgradePlaybook(
  folder: string,
  packages: readonly { name: string; version: string }[],
): Promise<string> {
  const name = packages.map((one) => `${one.name}=${one.version}`);
  const tasks = [{ name: "upgrade", apt: { name, state: "present" } }];
  return writePlay(join(folder, "upgrade.yml"), { gather_facts: true, tasks });
}

async function writePlay(path: string, play: Record<string, unknown>): Promise<string> {
  await writeFile(path, JSON.stringify([{ hosts: "all", ...play }], null, 2));
  return path;
}

const reloadPostfix = "reload postfix";

// What these files hold themselves must not begin anything of the template.
const marks = {
  variable_start_string: "[[[",
  variable_end_string: "]]]",
  block_start_string: "[[%",
  block_end_string: "%]]",
  comment_start_string: "[[#",
  comment_end_string: "#]]",
};

function templateOf(content: string, variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables).reduce(
    (text, [name, value]) => text.replaceAll(value, `[[[ ${name} ]]]`),
    content,
  );
}

function templateTask({ path, owner, group, mode, service }: RenderedFile, source: string) {
  return {
    name: path,
    template: { src: source, dest: path, owner, group, mode: octal(mode), ...marks },
    ...(service === "postfix" ? { notify: reloadPostfix } : {}),
  };
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}
