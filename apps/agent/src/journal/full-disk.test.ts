import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const program = join(import.meta.dirname, "../testing/run-on-full-disk.ts");
// The file system is mounted in a namespace of its own, which goes away with the program.
const script = 'mount -t tmpfs -o size=2m,nr_inodes=40 none /mnt && exec "$0" "$1" /mnt';

// Only root may mount; ENOSPC cannot be had otherwise.
it.skipIf(process.getuid?.() !== 0)(
  "on a full disk sessions are still numbered, the agent starts, and what is written once there is room is not lost",
  async () => {
    const argv = ["--mount", "sh", "-c", script, process.execPath, program];
    const { stdout } = await promisify(execFile)("unshare", argv);
    const told = JSON.parse(stdout) as Record<string, unknown>;
    expect(told).toMatchObject({ counters: [1, 2, 3], damagedLines: 0, isCancelRequested: true });
    expect(told["refused"]).toBeGreaterThan(0);
  },
);
