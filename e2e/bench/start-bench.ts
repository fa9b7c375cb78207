import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { findFreePort } from "@mailstead/infra/postgres";
import { run } from "../lab/command.ts";
import { waitFor } from "../lab/wait-for.ts";
import type { Bench, Measure } from "./measure.ts";

const repository = resolve(import.meta.dirname, "../..");
const startTimeoutMs = 600_000;

/** From an empty folder to the sign-in page, and once more when everything is there. */
export const startBench: Bench = {
  name: "start",
  whyNot: () => null,
  async run(log) {
    const folder = await mkdtemp(join(tmpdir(), "mailstead-bench-"));
    const clone = join(folder, "mailstead");
    try {
      const begunAt = performance.now();
      await run(["git", "clone", "--quiet", repository, clone]);
      const fresh = await upOnce(clone, begunAt);
      log(`fresh clone to sign-in page ${fresh.toFixed(1)} s`);
      const second = await upOnce(clone, performance.now());
      log(`second start ${second.toFixed(1)} s`);
      return [
        seconds("fresh clone to sign-in page", fresh, 180),
        seconds("second start to sign-in page", second, 10),
      ];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** Starts with the system's npm as a newcomer would, and stops with Ctrl-C's signal; returns seconds. */
async function upOnce(clone: string, begunAt: number): Promise<number> {
  const port = await findFreePort();
  const child = spawn("npm", ["run", "up", "--", "--port", String(port)], {
    cwd: clone,
    env: newcomersEnvironment(),
    stdio: ["ignore", "ignore", "inherit"],
    detached: true,
  });
  const hasEnded = once(child, "exit");
  try {
    await waitFor("the sign-in page", () => answers(`http://127.0.0.1:${port}/sign-in`), {
      timeoutMs: startTimeoutMs,
    });
    return (performance.now() - begunAt) / 1000;
  } finally {
    // The whole group, as a terminal would do on Ctrl-C.
    if (child.pid !== undefined) process.kill(-child.pid, "SIGINT");
    await hasEnded;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

/** This process runs on the project's own Node; a newcomer has only the system's. */
function newcomersEnvironment(): NodeJS.ProcessEnv {
  const path = (process.env["PATH"] ?? "").split(":").filter((folder) => !folder.includes("node_modules"));
  const entries = Object.entries(process.env).filter(([name]) => !name.startsWith("npm_"));
  return { ...Object.fromEntries(entries), PATH: path.join(":") };
}

function seconds(name: string, value: number, most: number): Measure {
  return { name, unit: "s", value, aim: { kind: "at-most", value: most }, runs: 1 };
}
