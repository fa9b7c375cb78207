import { readFileSync } from "node:fs";

/** Resident memory of a process in MiB, from /proc/PID/status (proc_pid_status(5)). */
export function residentMiB(pid: number): number {
  const [, kibibytes = "0"] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kibibytes) / 1024;
}

/** Watches a process until it is read: what it held at most, and half of the time. */
export function watchMemory(
  pid: number,
  everyMs = 500,
): { read(): { max: number; samples: readonly number[] } } {
  const samples: number[] = [residentMiB(pid)];
  const timer = setInterval(() => samples.push(residentMiB(pid)), everyMs);
  return {
    read() {
      clearInterval(timer);
      samples.push(residentMiB(pid));
      return { max: Math.max(...samples), samples };
    },
  };
}
