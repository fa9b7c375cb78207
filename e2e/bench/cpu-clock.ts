import { readFileSync } from "node:fs";
import type { OwnDatabase } from "../exactly-once/own-database.ts";

/** Reads how much processor time, in seconds, the gateway and all of Postgres took so far. */
export interface CpuClock {
  gateway(): number;
  postgres(): number;
}

export async function openCpuClock({ admin }: OwnDatabase, gatewayPid: number): Promise<CpuClock> {
  const { rows } = await admin.pool.query<{ pid: number }>("select pg_backend_pid() as pid");
  const postmaster = readStat(rows[0]?.pid ?? 0).parent;
  return {
    gateway: () => readStat(gatewayPid).cpuS,
    postgres: () =>
      readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, "utf8")
        .trim()
        .split(" ")
        .reduce((sum, pid) => sum + readStat(Number(pid)).cpuS, readStat(postmaster).endedCpuS),
  };
}

/** From /proc/PID/stat (proc_pid_stat(5)), after the name in brackets: fields 4 and 14 to 17, in hundredths of a second. */
export function readStat(pid: number): { parent: number; cpuS: number; endedCpuS: number } {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const hundredths = (place: number) => Number(fields[place]);
  return {
    parent: Number(fields[1]),
    cpuS: (hundredths(11) + hundredths(12)) / 100,
    endedCpuS: (hundredths(13) + hundredths(14)) / 100,
  };
}
