import type { ProgressBody } from "@mailstead/core/jobs";

type Level = Extract<ProgressBody, { kind: "log" }>["level"];

// The journal reads a leading <n> as the priority of the line (sd-daemon(3)).
const priorities: Record<Level, number> = { error: 3, warning: 4, info: 6 };

/** One line to the system journal by standard output. Never pass a secret or the content of a message. */
export function log(level: Level, text: string): void {
  process.stdout.write(`<${priorities[level]}>${text.replace(/\s*\n\s*/g, " / ")}\n`);
}
