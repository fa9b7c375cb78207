import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { waitFor } from "../lab/wait-for.ts";

/** The simulator in a session of its own, as a terminal gives it. */
function openTerminal(...flags: readonly string[]) {
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), ...flags], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  const closed = once(child, "close") as Promise<[number | null]>;
  const interrupt = () => process.kill(-(child.pid ?? 0), "SIGINT");
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) interrupt();
    await closed;
  });
  return { output: () => output, ended: async () => (await closed)[0], interrupt };
}

const lastLine = (text: string) => text.trim().split("\n").at(-1) ?? "";

test("a run ends by itself, with what happened in sentences and as JSON", async () => {
  const terminal = openTerminal("--agents", "3", "--minutes", "0.1", "--orders", "600");
  expect(await terminal.ended()).toBe(0);
  expect(terminal.output()).toMatch(
    /Enrolling 3 agents\.[\s\S]*seconds +connected[\s\S]*3 of 3 agents were connected/,
  );
  expect(JSON.parse(lastLine(terminal.output()))).toMatchObject({
    agents: 3,
    tally: { connected: 3, startedAgain: 0 },
  });
});

test("Ctrl-C ends a run at once and in order", async () => {
  const terminal = openTerminal("--agents", "2", "--minutes", "60");
  await waitFor("the table", () => terminal.output().includes("connected"));
  terminal.interrupt();
  expect(await terminal.ended()).toBe(0);
  expect(JSON.parse(lastLine(terminal.output()))).toMatchObject({ agents: 2 });
});

test("bad input is one sentence, and nothing is started", async () => {
  const terminal = openTerminal("--agents", "many");
  expect(await terminal.ended()).toBe(1);
  expect(terminal.output()).toBe('--agents must be a whole number from 1 to 100000, not "many".\n');
  const nowhere = openTerminal("--up", "/nowhere");
  expect(await nowhere.ended()).toBe(1);
  expect(lastLine(nowhere.output())).toMatch(/No control plane .* runs with the folder \/nowhere/);
});
