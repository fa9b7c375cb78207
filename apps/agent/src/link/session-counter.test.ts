import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { takeSessionCounter } from "./session-counter.ts";

describe("the number of a session", () => {
  let path: string;
  beforeEach(() => {
    path = join(mkdtempSync(join(tmpdir(), "counter-")), "session-counter");
  });
  afterEach(() => rmSync(join(path, ".."), { recursive: true, force: true }));

  async function take(times: number): Promise<number[]> {
    const taken: number[] = [];
    for (let time = 0; time < times; time += 1) taken.push(await takeSessionCounter(path));
    return taken;
  }

  it("is never the same twice", async () => {
    expect(await take(5)).toEqual([1, 2, 3, 4, 5]);
  });

  it("is stored in place, so that a full disk cannot keep the agent from connecting", async () => {
    await take(1);
    const { ino, size, blocks } = statSync(path);
    await take(20);
    expect(statSync(path)).toMatchObject({ ino, size, blocks });
    expect(blocks * 512).toBeGreaterThanOrEqual(size);
  });

  it("goes on from the file of an older agent", async () => {
    writeFileSync(path, "41\n");
    expect(await take(3)).toEqual([42, 43, 44]);
  });

  it.each([1, 2, 3, 4])(
    "is the last one used plus one when the write after number %i was torn",
    async (used) => {
      await take(used);
      const before = readFileSync(path);
      const [next = 0] = await take(1);
      const after = readFileSync(path);
      const changedAt = after.findIndex((byte, index) => byte !== before[index]);
      for (const length of [1, 10, 20]) {
        const file = openSync(path, "r+");
        writeSync(file, before);
        writeSync(
          file,
          after,
          Math.floor(changedAt / 4096) * 4096,
          length,
          Math.floor(changedAt / 4096) * 4096,
        );
        closeSync(file);
        // A number that was not yet used may be given, one that was used never.
        expect(await takeSessionCounter(path)).toBe(next);
      }
    },
  );

  it.each(["damaged\n", "-3\n", "1e99\n", "", "\0".repeat(8192)])(
    "is refused when the file holds none: %j",
    async (text) => {
      writeFileSync(path, text);
      await expect(takeSessionCounter(path)).rejects.toThrow("does not hold a number");
      expect(readFileSync(path, "utf8")).toBe(text);
    },
  );
});
