import { readFileSync } from "node:fs";

/** Beside its connections a process holds its program, its logs and its database. */
const besides = 200;

/** Null when this shell lets a process open so many connections; else a sentence that says what to do. */
export function tooFewOpenFiles(connections: number): string | null {
  const limit = readOpenFilesMax();
  const needed = connections + besides;
  if (limit === null || limit >= needed) return null;
  return `A process would need ${needed} open files and this shell allows it ${limit}; raise that with "ulimit -n ${needed}", or spread the agents over more processes.`;
}

/** The hard limit, to which Node raises its own (proc_pid_limits(5)); null where the system tells none. */
function readOpenFilesMax(): number | null {
  try {
    const [, , hard] =
      /^Max open files\s+(\S+)\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return hard === undefined || hard === "unlimited" ? null : Number(hard);
  } catch {
    return null;
  }
}
