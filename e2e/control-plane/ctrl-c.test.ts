import { spawn } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { findFreePort } from "@mailstead/infra/postgres";
import { expect, it, onTestFinished } from "vitest";
import { waitFor } from "../lab/wait-for.ts";
import { makeCheckout } from "./checkout.ts";

const repository = resolve(import.meta.dirname, "../..");
const startTimeoutMs = 480_000;
// What `up` itself says; a part may log what it likes while it ends.
const complaint = /^up .*(?:error|failed|could not|warning)/im;

it("Ctrl-C while the dashboard is built ends `npm run up` in one calm line, with nothing left running", async () => {
  const up = await openTerminal(await makeCheckout(process.getuid?.() ?? 0));
  await up.until("building the dashboard");
  await up.until("Creating an optimized production build");
  const said = await up.pressCtrlC();
  // What the compiler had said already may still be on its way.
  expect(said).toMatch(/^(build +│ .+\n)*up +│ stopped\n$/);
  expect(said).not.toMatch(complaint);
});

it("Ctrl-C once all runs ends `npm run up` in order, with nothing left running", async () => {
  const up = await openTerminal(repository);
  await up.until("Stop         Ctrl-C");
  const said = await up.pressCtrlC();
  expect(said).toMatch(/^up +│ stopping\n(.+ │ .+\n)*up +│ stopped\n$/);
  expect(said).not.toMatch(complaint);
});

/** `npm run up` in a session of its own, as a terminal gives it, with a fresh data folder. */
async function openTerminal(checkout: string) {
  const folder = await mkdtemp(join(tmpdir(), "mailstead-terminal-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o711); // Postgres runs as nobody and must pass through.
  const flags = ["--port", `${await findFreePort()}`, "--data-dir", join(folder, "data")];
  const child = spawn("npm", ["run", "up", "--", ...flags], {
    cwd: checkout,
    // Every part inherits TMPDIR or is told the data folder: by that they are found.
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], TMPDIR: folder },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
    });
  const ended = new Promise<number | null>((settle) => child.once("close", settle));
  const signal = (name: NodeJS.Signals) => process.kill(-(child.pid ?? 0), name);
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) signal("SIGINT");
    await ended;
  });
  return {
    async until(text: string): Promise<void> {
      const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
      await waitFor(`"${text}"`, () => output.includes(text) || hasEnded(), { timeoutMs: startTimeoutMs });
      expect(output).toContain(text);
    },
    /** As a terminal does: to every process of the foreground. Gives what was printed from then on. */
    async pressCtrlC(): Promise<string> {
      expect(await processesOf(folder)).not.toEqual([]);
      const before = output.length;
      signal("SIGINT");
      expect(await ended).toBe(0);
      expect(await processesOf(folder)).toEqual([]);
      return output.slice(before);
    },
  };
}

/** The command lines of the processes that were told of this folder, by an argument or in their environment. */
async function processesOf(folder: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map(async (pid) => {
      const read = (file: string) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");
      const [line, environment] = await Promise.all([read("cmdline"), read("environ")]);
      return `${line}${environment}`.includes(folder) ? line.replaceAll("\0", " ") : "";
    }),
  );
  return lines.filter((line) => line !== "");
}
