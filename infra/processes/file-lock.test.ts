import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { isLockHeld, tryLock, withFileLock } from "./file-lock.ts";

test("a lock has one holder, and is free again once that one lets go", () => {
  const path = makePath();
  const lock = tryLock(path);
  expect(tryLock(path)).toEqual({ heldBy: process.pid });
  if ("release" in lock) lock.release();
  expect(isLockHeld(path)).toBe(false);
  expect(tryLock(path)).toHaveProperty("release");
});

test("the lock of a process that was killed is taken over", async () => {
  const path = makePath();
  const holder = spawn(process.execPath, ["--input-type=module", "--eval", holdLock(path)]);
  await vi.waitFor(() => expect(isLockHeld(path)).toBe(true));
  expect(tryLock(path)).toEqual({ heldBy: holder.pid });
  holder.kill("SIGKILL");
  await vi.waitFor(() => expect(tryLock(path)).toHaveProperty("release"));
});

test("a lock whose process number now belongs to a stranger is taken over", () => {
  const path = makePath();
  writeFileSync(path, `${process.pid}\n`);
  expect(tryLock(path)).toHaveProperty("release");
});

const isRoot = process.getuid?.() === 0;
// As two containers see each other that share a folder: neither finds the other's process number, or finds a stranger there.
test.skipIf(!isRoot)(
  `the lock of a living process with process numbers of its own is respected, and is free when that one is killed${isRoot ? "" : " (skipped: not root)"}`,
  async () => {
    const path = makePath();
    const argv = ["--pid", "--fork", "--kill-child", process.execPath, "--input-type=module", "--eval"];
    const holder = spawn("unshare", [...argv, holdLock(path)]);
    await vi.waitFor(() => expect(isLockHeld(path)).toBe(true));
    expect(tryLock(path)).toEqual({ heldBy: 1 });
    holder.kill("SIGKILL");
    await vi.waitFor(() => expect(tryLock(path)).toHaveProperty("release"));
  },
);

test("many who want the lock at once get it one after the other", async () => {
  const path = makePath();
  let inside = 0;
  const seen = await Promise.all(
    Array.from({ length: 8 }, () =>
      withFileLock(path, async () => {
        inside++;
        await new Promise((resolve) => setImmediate(resolve));
        return inside--;
      }),
    ),
  );
  expect(seen).toEqual(Array.from({ length: 8 }, () => 1));
  expect(readdirSync(join(path, ".."))).toEqual(["lock.lock"]);
});

function holdLock(path: string): string {
  const module = JSON.stringify(join(import.meta.dirname, "file-lock.ts"));
  return `import { tryLock } from ${module}; tryLock(${JSON.stringify(path)}); setInterval(() => undefined, 1000);`;
}

function makePath(): string {
  const folder = mkdtempSync(join(tmpdir(), "mailstead-lock-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "lock");
}
