import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { aptInstall, missingOf } from "../lab/prerequisites.ts";
import { compileAgentProgram, readUnitEnvironment } from "./compile-agent-program.ts";
import { type LogTruth, writeMailLog } from "./mail-log.ts";
import { type Bench, type Measure, median } from "./measure.ts";

const pflogsumm = { program: "/usr/sbin/pflogsumm", debianPackage: "pflogsumm" };
const messages = 70_000;
const messagesPerS = 25;
const rounds = 5;
const ratioAim = 3;
const dayMs = 86_400_000;
const minuteMs = 60_000;

/**
 * How fast the tracker reads a mail log, next to pflogsumm, on one core and the same file, and whether both count what stands in it.
 * Each program's own processor time is compared, because others may run beside it.
 */
export const trackerBench: Bench = {
  name: "tracker",
  whyNot: () => (process.platform === "linux" ? null : "pflogsumm and taskset are looked for on Linux."),
  async run(log) {
    if ((await missingOf([pflogsumm])).length > 0) {
      log(`installing ${pflogsumm.debianPackage}`);
      const problem = await aptInstall([pflogsumm.debianPackage]);
      if (problem !== undefined)
        throw new Error(`There is no pflogsumm (apt install ${pflogsumm.debianPackage}): ${problem}`);
    }
    const folder = await mkdtemp(join(tmpdir(), "mailstead-bench-"));
    try {
      const path = join(folder, "written.log");
      const beginsAt = Math.floor((Date.now() - dayMs) / minuteMs) * minuteMs;
      const truth = await writeMailLog(path, { messages, messagesPerS, beginsAt });
      log(`${truth.lines} lines: ${JSON.stringify(truth.statuses)}, ${truth.refused} refused`);
      return await compare({ folder, path, truth, log });
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

interface Subject {
  readonly folder: string;
  readonly path: string;
  readonly truth: LogTruth;
  readonly log: (line: string) => void;
}

async function compare({ folder, path, truth, log }: Subject): Promise<Measure[]> {
  const tracker = await compileAgentProgram("measure-tracker", folder);
  const counting: number[] = [];
  const countingInUnit: number[] = [];
  const keeping: number[] = [];
  const keepingInUnit: number[] = [];
  const summing: number[] = [];
  const unit = await readUnitEnvironment();
  for (let round = 0; round < rounds; round += 1) {
    const count = await runOnOneCore([tracker, "count"], { folder, path });
    expectTruth(count.output, truth);
    const theirs = await runOnOneCore([pflogsumm.program, path]);
    expectSums(theirs.output, truth);
    const keep = await runOnOneCore([tracker, "keep"], { folder, path });
    expectTruth(keep.output, truth, truth.refused);
    const countInUnit = await runOnOneCore([tracker, "count"], { folder, path, environment: unit });
    expectTruth(countInUnit.output, truth);
    const keepInUnit = await runOnOneCore([tracker, "keep"], { folder, path, environment: unit });
    expectTruth(keepInUnit.output, truth, truth.refused);
    counting.push(count.cpuS);
    countingInUnit.push(countInUnit.cpuS);
    summing.push(theirs.cpuS);
    keeping.push(keep.cpuS);
    keepingInUnit.push(keepInUnit.cpuS);
    log(
      `counted in ${count.cpuS} s (${countInUnit.cpuS} s as the unit sets it), by pflogsumm in ${theirs.cpuS} s; with all that is kept in ${keep.cpuS} s (${keepInUnit.cpuS} s)`,
    );
  }
  const perS = (samples: readonly number[]): number => truth.lines / median(samples);
  const ratio = (samples: readonly number[]): number =>
    median(samples.map((cpuS, round) => (summing[round] ?? Number.NaN) / cpuS));
  const settings = Object.entries(unit)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
  const note = `${truth.lines} lines; deliveries, deferrals, bounces and refusals as written`;
  return [
    {
      name: "tracker beside pflogsumm, lines per second of one core",
      unit: "x",
      value: ratio(counting),
      aim: { kind: "at-least", value: ratioAim },
      runs: rounds,
      note: `${note}; with bun's own settings`,
    },
    {
      name: "the same with the settings of the agent's unit",
      unit: "x",
      value: ratio(countingInUnit),
      aim: null,
      runs: rounds,
      note: settings,
    },
    { name: "lines tracked and counted", unit: "per s", value: perS(counting), aim: null, runs: rounds },
    {
      name: "the same with the settings of the agent's unit",
      unit: "per s",
      value: perS(countingInUnit),
      aim: null,
      runs: rounds,
    },
    { name: "lines by pflogsumm", unit: "per s", value: perS(summing), aim: null, runs: rounds },
    {
      name: "lines tracked, counted and kept with the index of messages",
      unit: "per s",
      value: perS(keeping),
      aim: null,
      runs: rounds,
    },
    {
      name: "the same with the settings of the agent's unit",
      unit: "per s",
      value: perS(keepingInUnit),
      aim: null,
      runs: rounds,
    },
  ];
}

/** Runs a program bound to one core; where it needs a folder, in a new one each time. */
async function runOnOneCore(
  argv: readonly string[],
  reads?: {
    readonly folder: string;
    readonly path: string;
    readonly environment?: Readonly<Record<string, string>>;
  },
): Promise<{ output: string; cpuS: number }> {
  const work = reads === undefined ? null : await mkdtemp(join(reads.folder, "run-"));
  const more = work === null ? [] : [work, reads?.path ?? ""];
  try {
    const core = String(availableParallelism() - 1);
    const { stdout, stderr } = await promisify(execFile)(
      "bash",
      ["-c", 'TIMEFORMAT="cpu %U %S"; time taskset -c "$0" "$@"', core, ...argv, ...more],
      { env: { ...process.env, ...reads?.environment, TZ: "UTC", LC_ALL: "C" }, maxBuffer: 256 * 1_048_576 },
    );
    const [, user, system] = /^cpu (\S+) (\S+)$/m.exec(stderr) ?? [];
    return { output: stdout, cpuS: Number((Number(user) + Number(system)).toFixed(3)) };
  } finally {
    if (work !== null) await rm(work, { recursive: true });
  }
}

/** Throws unless the tracker came to what was written, row by row. */
function expectTruth(output: string, truth: LogTruth, refused: number | null = null): void {
  const [head = "", ...lines] = output.trimEnd().split("\n");
  const rows = new Map<string, number>();
  for (const line of lines) {
    const at = line.lastIndexOf(" ");
    const name = line.slice(0, at);
    rows.set(name, (rows.get(name) ?? 0) + Number(line.slice(at + 1)));
  }
  const wrong = [...new Set([...rows.keys(), ...truth.rows.keys()])].filter(
    (name) => rows.get(name) !== truth.rows.get(name),
  );
  if (wrong.length > 0)
    throw new Error(
      `The tracker counted ${rows.get(wrong[0] ?? "")} where ${truth.rows.get(wrong[0] ?? "")} was written: ${wrong[0]}`,
    );
  if (refused !== null && head.split(" ")[0] !== String(refused))
    throw new Error(`The index holds ${head.split(" ")[0]} refusals where ${refused} were written.`);
}

/** Throws unless pflogsumm came to what was written. */
function expectSums(output: string, { statuses, refused }: LogTruth): void {
  const read = (pattern: RegExp) => Number(pattern.exec(output)?.[1]);
  const found = {
    sent: read(/^ +(\d+) +delivered/m),
    deferred: read(/\((\d+) +deferrals\)/),
    bounced: read(/^ +(\d+) +bounced/m),
    refused: read(/^ +(\d+) +rejected/m),
  };
  const { sent, deferred, bounced } = statuses;
  const written = { sent, deferred, bounced, refused };
  if (JSON.stringify(found) !== JSON.stringify(written))
    throw new Error(
      `pflogsumm counted ${JSON.stringify(found)} where ${JSON.stringify(written)} was written.`,
    );
}
