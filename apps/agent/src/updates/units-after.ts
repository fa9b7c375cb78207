import { everyStackUnit, type StackUnit } from "@mailstead/core/mail-flow";
import type { Suite } from "@mailstead/core/servers";
import { lastComplaint } from "../apply/apply-files.ts";
import type { AptContext } from "../apply/apt.ts";
import { serviceProblem } from "../apply/service-health.ts";
import { readOutdatedUnits } from "../observe/inventory/outdated-units.ts";
import { readUnits } from "../observe/units.ts";
import type { Host } from "../platform/host.ts";
import { lastWords } from "../platform/run-command.ts";

// Signatures of the virus scan are loaded anew, which takes minutes on a small host; all else is up in seconds.
const startWithinMs = 5 * 60_000;

export interface UnitsInput {
  context: AptContext;
  suite: Suite;
}

/** The units of the stack that run, and those that systemd has given up or starts again and again. */
export async function readStackUnits(
  host: Host,
  suite: Suite,
): Promise<{ running: string[]; failed: string[] }> {
  const names = everyStackUnit(suite).map(({ unit }) => unit);
  const states = await readUnits(host, names);
  return {
    running: names.filter((unit) => states[unit]?.isActive === true),
    failed: names.filter((unit) => states[unit]?.isFailed === true),
  };
}

/**
 * Starts those of these units that do not run any more, once and in starting order, and tells so. Returns a sentence part
 * for each that still does not run.
 */
export async function startWhatRan(
  { context, suite }: UnitsInput,
  wanted: readonly string[],
): Promise<string[]> {
  const { host, job } = context;
  const states = await readUnits(host, wanted);
  const problems: string[] = [];
  for (const stackUnit of inStartingOrder(suite, wanted)) {
    const { unit } = stackUnit;
    if (states[unit]?.isActive === true) continue;
    await host.run(["systemctl", "reset-failed", "--", unit]);
    const started = await host.run(["systemctl", "start", "--", unit], { timeoutMs: startWithinMs });
    const problem = await notRunning(context, stackUnit, lastWords(started));
    if (problem === null) job.logLine("warning", `${unit} did not run after this and was started again.`);
    else problems.push(problem);
  }
  return problems;
}

/**
 * Restarts the running units of the stack that go on with replaced code, in starting order, each once the one before
 * serves. Returns all units that are outdated afterwards, and what does not run any more.
 */
export async function restartOutdated({
  context,
  suite,
}: UnitsInput): Promise<{ outdated: string[]; problems: string[] }> {
  const { host, job } = context;
  const outdated = new Set((await readOutdatedUnits(host)).map(({ unit }) => unit));
  const problems: string[] = [];
  let hasRestarted = false;
  for (const stackUnit of inStartingOrder(suite, [...outdated])) {
    const { unit } = stackUnit;
    job.logLine("info", `${unit} still runs what was replaced and is restarted.`);
    const restarted = await host.run(["systemctl", "restart", "--", unit], { timeoutMs: startWithinMs });
    hasRestarted = true;
    const problem = await notRunning(context, stackUnit, lastWords(restarted));
    if (problem !== null) problems.push(problem);
  }
  const after = hasRestarted ? (await readOutdatedUnits(host)).map(({ unit }) => unit) : [...outdated];
  if (after.length > 0)
    job.logLine("info", `These still run what was replaced: ${after.slice(0, 20).join(", ")}.`);
  return { outdated: after, problems };
}

/**
 * Waits until a unit that was started serves. Null when it runs: whether mail passes through it is judged by looking at
 * mail, so that an answer that is not as it should be is only told here.
 */
async function notRunning(
  { host, job }: AptContext,
  { unit, service }: StackUnit,
  said: string,
): Promise<string | null> {
  const problem = await serviceProblem(host, { service, units: [unit] });
  if (problem === null) return null;
  if ((await readUnits(host, [unit]))[unit]?.isActive !== true)
    return `${unit} does not run: ${said}.${await lastComplaint(host, [unit])}`;
  job.logLine("warning", `${unit} runs, but ${problem}.`);
  return null;
}

function inStartingOrder(suite: Suite, units: readonly string[]): StackUnit[] {
  return everyStackUnit(suite).filter(({ unit }) => units.includes(unit));
}
