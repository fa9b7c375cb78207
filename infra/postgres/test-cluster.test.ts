import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { isProcessAlive } from "../processes/process-identity.ts";

vi.setConfig({ testTimeout: 90_000 });

test("the cluster stays while a process uses it, and goes with every trace once that one was killed", async () => {
  const folder = makeFolder();
  const user = start(folder, "useAndWait");
  await user.printed("in use");
  const [name = ""] = readdirSync(folder);
  const postmaster = Number.parseInt(
    readFileSync(join(folder, name, "cluster", "postmaster.pid"), "utf8"),
    10,
  );

  await start(folder, "remove").ended;
  expect(isProcessAlive(postmaster)).toBe(true);

  user.child.kill("SIGKILL");
  await user.ended;
  await start(folder, "remove").ended;
  expect(isProcessAlive(postmaster)).toBe(false);
  expect(readdirSync(folder)).toEqual([]);
});

const actions = {
  useAndWait: `
    await createTestDatabase({ key: "any", prepare: async () => undefined });
    console.log("in use");
    setInterval(() => undefined, 1000);`,
  remove: "await removeIdleTestCluster();",
};

function start(folder: string, action: keyof typeof actions) {
  const testing = JSON.stringify(join(import.meta.dirname, "testing.ts"));
  const source = `import { createTestDatabase, removeIdleTestCluster } from ${testing}; ${actions[action]}`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", source], {
    env: { PATH: process.env["PATH"], TMPDIR: folder },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  return {
    child,
    printed: (text: string) =>
      vi.waitFor(() => expect(output).toContain(text), { timeout: 60_000, interval: 50 }),
    ended: new Promise<void>((resolve) => child.once("close", () => resolve())),
  };
}

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "mailstead-cluster-"));
  chmodSync(folder, 0o711);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
