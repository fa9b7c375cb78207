import { JobFailure } from "../jobs/job-failure.ts";
import { lastWords } from "../platform/run-command.ts";
import { lastComplaint } from "./apply-files.ts";
import { type Executor, nothingToUndo } from "./executor.ts";
import { serviceProblem } from "./service-health.ts";

// Rspamd compiles its expressions at its first start, which takes long on a small host.
const firstStartMs = 120_000;
// A resolver serves once the world answers it: a line that is cut may come back, and a failed job would not see it.
const firstAnswersMs = 300_000;
// ClamAV waits for its signatures, which the host fetches at the first start; its unit gives up a little earlier.
const firstSignaturesMs = 16 * 60_000;

/** Stops a unit of the distribution and keeps it from being started by anything. */
export const maskUnit: Executor<"mask-unit"> = {
  prepare: async () => nothingToUndo,
  async apply({ unit }, { host }) {
    const result = await host.run(["systemctl", "mask", "--now", "--", unit]);
    if (result.exitCode !== 0)
      throw new JobFailure(`${unit} could not be masked: ${lastWords(result)}`, { retry: "permanent" });
    return { outcome: "changed" };
  },
};

// What is switched off together with a unit, and belongs to it when it is wanted again.
const masked: Readonly<Record<string, readonly string[]>> = {
  "clamav-daemon.service": ["clamav-daemon.socket"],
};

// Debian 12's package stops Postfix before an upgrade, and starts it afterwards by this unit and only if it is enabled.
const umbrellas: Readonly<Record<string, string>> = { "postfix@-.service": "postfix.service" };

/** Has a unit start now and at every boot, and waits until its service serves. */
export const startUnit: Executor<"start-unit"> = {
  prepare: async () => nothingToUndo,
  async apply({ unit, service }, { host }) {
    await host.run(["systemctl", "unmask", "--", unit, ...(masked[unit] ?? [])]);
    await host.run(["systemctl", "reset-failed", "--", unit]);
    // A template's instance has no unit file of its own to enable; whatever wants it brings it.
    const enabled = await host.run(["systemctl", "enable", "--", unit]);
    const umbrella = umbrellas[unit];
    if (umbrella !== undefined) await host.run(["systemctl", "enable", "--now", "--", umbrella]);
    const timeoutMs = service === "clamav" ? firstSignaturesMs : firstStartMs;
    const started = await host.run(["systemctl", "start", "--", unit], { timeoutMs });
    const problem =
      started.exitCode === 0
        ? await serviceProblem(host, {
            service,
            units: [unit],
            patienceMs: service === "resolver" ? firstAnswersMs : firstStartMs,
          })
        : `systemctl start failed: ${lastWords(started)}`;
    if (problem !== null)
      throw new JobFailure(`${unit} could not be started: ${problem}.${await lastComplaint(host, [unit])}`, {
        retry: "temporary",
      });
    return {
      outcome: "changed",
      ...(enabled.exitCode === 0 ? {} : { detail: "started; another unit enables it" }),
    };
  },
};
