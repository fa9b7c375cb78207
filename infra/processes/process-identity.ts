import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * A string that stays the same while the process lives and differs for any later process with the same pid,
 * or null when the process is gone. A zombie counts as gone, because nobody may be left to reap it; but not while other
 * threads of it still end, since they hold its files and locks until they have.
 */
export function identifyProcess(pid: number): string | null {
  if (!Number.isInteger(pid) || pid <= 0) return null;
  return process.platform === "linux" ? identifyOnLinux(pid) : identifyWithPs(pid);
}

export function isProcessAlive(pid: number): boolean {
  return identifyProcess(pid) !== null;
}

/** Waits until the process is gone; false when it still lives after `timeoutMs`. */
export async function waitForExit(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (isProcessAlive(pid)) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}

function identifyOnLinux(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command name may hold spaces and brackets, so fields are counted from its closing bracket (proc(5)).
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [threadCount, startTimeTicks] = [Number(fields[16]), fields[18]];
    if (state === "X" || (state === "Z" && threadCount <= 1)) return null;
    const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${bootId}:${startTimeTicks}`;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function identifyWithPs(pid: number): string | null {
  try {
    const started = execFileSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], {
      encoding: "utf8",
    }).trim();
    return started === "" || started.startsWith("Z") ? null : started.slice(started.indexOf(" ")).trim();
  } catch {
    return null; // ps exits with 1 when there is no such process.
  }
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENOENT" || code === "ESRCH";
}
