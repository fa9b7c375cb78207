import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { compileAgentProgram, readUnitEnvironment } from "./compile-agent-program.ts";
import { writeMailLog } from "./mail-log.ts";
import { type Bench, type Measure, median } from "./measure.ts";

const promisedHours = 72;
const messagesPerS = 1;
const hourMs = 3_600_000;
const growthMaxMiB = 2;
const mebibyte = 1_048_576;
const sampleSchema = z.object({
  hour: z.int(),
  rssBytes: z.number(),
  heapBytes: z.number(),
  openFiles: z.int(),
  storeBytes: z.number(),
});
type Sample = z.infer<typeof sampleSchema>;

/**
 * The whole agent, compiled and set as its release, for three days in which nobody takes what it tells: only time is simulated, and
 * the host below it. `--hours=N` makes it shorter.
 */
export const agentOfflineBench: Bench = {
  name: "agent-offline",
  isOnRequest: true,
  whyNot: () =>
    process.platform === "linux" && process.getuid?.() === 0
      ? null
      : "a network of its own needs Linux and root.",
  async run(log) {
    const hours = readHours();
    const folder = await mkdtemp(join(tmpdir(), "mailstead-offline-"));
    try {
      const program = await compileAgentProgram("measure-offline", folder);
      const logPath = join(folder, "written.log");
      const beginsAt = Math.floor(Date.now() / hourMs) * hourMs;
      const messages = messagesPerS * 3_600 * hours;
      const { lines } = await writeMailLog(logPath, { messages, messagesPerS, beginsAt });
      log(`${lines} lines of ${messages} messages in ${hours} hours`);
      const begunAtMs = performance.now();
      const { stdout } = await promisify(execFile)(
        "unshare",
        [
          ...["--net", process.execPath, join(import.meta.dirname, "agent-offline/cut-off.ts")],
          ...[program, folder, logPath, String(hours), String(beginsAt)],
        ],
        { env: { ...process.env, ...(await readUnitEnvironment()), TZ: "UTC", LC_ALL: "C" } },
      );
      const samples = (await readFile(join(folder, "samples.jsonl"), "utf8"))
        .trimEnd()
        .split("\n")
        .map((line) => sampleSchema.parse(JSON.parse(line)));
      for (const { hour, rssBytes, heapBytes, storeBytes, openFiles } of samples)
        if (hour % 6 === 0)
          log(
            `after ${hour} h: RSS ${toMiB(rssBytes)} MiB, heap ${toMiB(heapBytes)} MiB, store ${toMiB(storeBytes)} MiB, ${openFiles} files`,
          );
      const took = `${lines} lines of mail, ${stdout.trim()} vain connections, in ${((performance.now() - begunAtMs) / 1000).toFixed(0)} s`;
      return toMeasures(samples, took);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

function readHours(): number {
  const start = "--hours=";
  const text =
    process.argv.find((word) => word.startsWith(start))?.slice(start.length) ?? String(promisedHours);
  if (/^\d+$/.test(text) && Number(text) >= 3) return Number(text);
  throw new Error(`--hours must be a whole number from 3 on, like --hours=${promisedHours}, not "${text}".`);
}

/** The first third is when caches fill; what the agent holds in the last one is compared with the second. */
function toMeasures(samples: readonly Sample[], note: string): Measure[] {
  const hours = samples.at(-1)?.hour ?? 0;
  const part = (third: number) =>
    samples.filter(({ hour }) => hour > (third * hours) / 3 && hour <= ((third + 1) * hours) / 3);
  const growth = (of: (sample: Sample) => number) => median(part(2).map(of)) - median(part(1).map(of));
  const flat = (name: string, of: (sample: Sample) => number): Measure => ({
    name: `agent cut off for ${hours} hours: ${name}, last third beside the second`,
    unit: "MiB",
    value: growth(of) / mebibyte,
    aim: { kind: "at-most", value: growthMaxMiB },
    runs: samples.length,
    note: `${toMiB(median(part(1).map(of)))} and ${toMiB(median(part(2).map(of)))} MiB, slope ${(slopeOf(samples.slice(Math.ceil(hours / 3)), of) * (24 / mebibyte)).toFixed(2)} MiB a day; ${note}`,
  });
  const plain = (name: string, unit: Measure["unit"], value: number): Measure => ({
    name: `agent cut off for ${hours} hours: ${name}`,
    unit,
    value,
    aim: null,
    runs: 1,
  });
  return [
    flat("resident memory", ({ rssBytes }) => rssBytes),
    flat("heap after a collection", ({ heapBytes }) => heapBytes),
    plain("highest resident memory", "MiB", Math.max(...samples.map(({ rssBytes }) => rssBytes)) / mebibyte),
    plain(
      "its file with all that waits to be told, at the end",
      "MiB",
      (samples.at(-1)?.storeBytes ?? 0) / mebibyte,
    ),
    plain(
      "more open files at the end than after an hour",
      "counts",
      (samples.at(-1)?.openFiles ?? 0) - (samples[1]?.openFiles ?? 0),
    ),
  ];
}

/** Least squares, per hour. */
function slopeOf(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [hour, value] = [mean(samples.map((one) => one.hour)), mean(samples.map(of))];
  const over = samples.reduce((sum, one) => sum + (one.hour - hour) * (of(one) - value), 0);
  return over / samples.reduce((sum, one) => sum + (one.hour - hour) ** 2, 0);
}

function toMiB(bytes: number): string {
  return (bytes / mebibyte).toFixed(1);
}
