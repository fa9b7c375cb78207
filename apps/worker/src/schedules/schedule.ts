import type { Log } from "../log.ts";

/** Work that is done again and again. Each run is idempotent, so several workers may do it side by side. */
export interface Schedule {
  readonly name: string;
  readonly everyMs: number;
  run(): Promise<void>;
}

/** Runs schedules until closed; a run never overlaps itself, and a failed one is tried at its next time. */
export function startSchedules(schedules: readonly Schedule[], log: Log): { close(): Promise<void> } {
  const running = new Map<string, Promise<void>>();
  const start = ({ name, run }: Schedule): void => {
    if (running.has(name)) return;
    const work = run()
      .catch((problem: unknown) =>
        log.error({ err: problem }, `the schedule "${name}" failed; it is tried again`),
      )
      .finally(() => running.delete(name));
    running.set(name, work);
  };
  for (const schedule of schedules) start(schedule);
  const timers = schedules.map((schedule) => setInterval(() => start(schedule), schedule.everyMs));
  return {
    async close() {
      for (const timer of timers) clearInterval(timer);
      await Promise.all(running.values());
    },
  };
}
