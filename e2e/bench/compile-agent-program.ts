import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { findBun } from "@mailstead/infra/release";

const repository = resolve(import.meta.dirname, "../..");

/** Compiles a program beside the agent's tests as the release compiles the agent; gives the executable's path. */
export async function compileAgentProgram(name: string, folder: string): Promise<string> {
  const outfile = join(folder, name);
  const entry = join(repository, `apps/agent/src/testing/${name}.ts`);
  const args = [
    "build",
    "--compile",
    "--minify-whitespace",
    "--minify-syntax",
    `--outfile=${outfile}`,
    entry,
  ];
  await promisify(execFile)(findBun(repository), args, { cwd: folder });
  return outfile;
}

/** What the agent's unit sets for its runtime: a process that stays small rather than one that is fast. */
export async function readUnitEnvironment(): Promise<Readonly<Record<string, string>>> {
  const script = await readFile(join(repository, "infra/install/install.sh"), "utf8");
  const settings = /^Environment=(BUN_JSC_.*)$/m.exec(script)?.[1];
  if (settings === undefined) throw new Error("The agent's unit sets nothing for its runtime.");
  return Object.fromEntries(settings.split(" ").map((setting) => setting.split("=", 2)));
}
