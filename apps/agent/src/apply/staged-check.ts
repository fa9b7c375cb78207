import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { RenderedFile, StackService } from "@mailstead/core/converge";
import { stackPaths } from "@mailstead/core/mail-flow";
import { JobFailure } from "../jobs/job-failure.ts";
import { pathExists, removeFile, writeFileAtomically } from "../platform/files.ts";
import type { Argv, Host } from "../platform/host.ts";
import type { CommandResult } from "../platform/run-command.ts";
import { withLine } from "./complaint-line.ts";
import { coolMainCf } from "./cool-main-cf.ts";

export interface StagedChange {
  service: StackService;
  writes: readonly RenderedFile[];
  removes: readonly string[];
}

interface ServiceCheck {
  /** The folder that the check sees in its new form, under its true name. */
  folder: string;
  commands: readonly Argv[];
}

// Before its first start there is no anchor, without which the check refuses any file.
const resolverCheck = `[ ! -e ${stackPaths.resolverAnchor} ] || exec unbound-checkconf ${stackPaths.resolverConf}`;

const checks: Partial<Record<StackService, ServiceCheck>> = {
  postfix: {
    folder: "/etc/postfix",
    commands: [
      ["postfix", "check"],
      ["postconf", "-M"],
      ["postconf", "-n"],
    ],
  },
  dovecot: { folder: "/etc/dovecot", commands: [["doveconf", "-n"]] },
  rspamd: { folder: "/etc/rspamd", commands: [["rspamadm", "configtest"]] },
  nginx: { folder: "/etc/nginx", commands: [["nginx", "-t"]] },
  fail2ban: { folder: "/etc/fail2ban", commands: [["fail2ban-client", "--test"]] },
  knot: { folder: "/etc/knot", commands: [["knotc", "--config", stackPaths.knotConf, "conf-check"]] },
  resolver: { folder: "/etc/unbound", commands: [["sh", "-c", resolverCheck]] },
};

/** A script that does not compile would be found out by the next message. */
function sieveCommands({ writes }: StagedChange): Argv[] {
  return writes.flatMap(({ path }): Argv[] =>
    path.endsWith(".sieve") ? [["sievec", path, "/tmp/compiled.svbin"]] : [],
  );
}

/** Knot reads zones after it has taken the rest, so one that it cannot read would be found out too late. */
function zoneCommands({ writes }: StagedChange): Argv[] {
  return writes.flatMap(({ path }): Argv[] =>
    path.startsWith(`${stackPaths.knotZones}/`)
      ? [["kzonecheck", "--verbose", "--origin", basename(path, ".zone"), path]]
      : [],
  );
}

/**
 * Has a service judge its new files before it gets them: they are laid over a copy of its folder, and the service's own
 * check runs where that copy stands in the folder's place. Returns remarks that are no errors. Throws JobFailure naming
 * file and line when it refuses.
 */
export async function checkStaged(
  host: Host,
  stagingFolder: string,
  change: StagedChange,
): Promise<readonly string[]> {
  const check = checks[change.service];
  // What is taken away for good has nothing left to be judged.
  if (check === undefined || change.removes.includes(stackPaths.knotConf)) return [];
  const remarks: string[] = [];
  await rm(host.path(stagingFolder), { recursive: true, force: true });
  try {
    const stagedFolder = join(stagingFolder, check.folder);
    await stage(host, stagedFolder, { folder: check.folder, change });
    for (const argv of [...check.commands, ...sieveCommands(change), ...zoneCommands(change)]) {
      const result = await runAmong(host, { staged: stagedFolder, folder: check.folder, argv });
      const problem = refusal(argv, result);
      if (problem === null) {
        remarks.push(...remarksOf(result));
        continue;
      }
      throw new JobFailure(
        `${change.service} refuses its new configuration, so it keeps the one it has: ${withLine(problem, change.writes)}`,
        { retry: "permanent" },
      );
    }
    return [...new Set(remarks)];
  } finally {
    await rm(host.path(stagingFolder), { recursive: true, force: true });
  }
}

/** Runs a check where the staged folder stands in the place of the true one. */
async function runAmong(
  host: Host,
  { staged, folder, argv }: { staged: string; folder: string; argv: Argv },
): Promise<CommandResult> {
  const unit = `mailstead-check-${randomUUID()}.service`;
  const result = await host.run([
    "systemd-run",
    "--quiet",
    "--wait",
    "--pipe",
    "--collect",
    "--service-type=exec",
    `--unit=${unit}`,
    `--property=BindReadOnlyPaths=${staged}:${folder}`,
    "--property=PrivateTmp=yes",
    "--setenv=LC_ALL=C.UTF-8",
    "--",
    ...argv,
  ]);
  if (result.exitCode === 0 || `${result.stdout}${result.stderr}`.trim() !== "") return result;
  // Postfix 3.7 complains to the system log alone when nobody sits at a terminal.
  await host.run(["journalctl", "--sync"]);
  const said = await host.run(["journalctl", "--no-pager", "--output=cat", "--lines=50", `--unit=${unit}`]);
  return { ...result, stderr: said.stdout };
}

async function stage(
  host: Host,
  stagedFolder: string,
  { folder, change }: { folder: string; change: StagedChange },
): Promise<void> {
  await mkdir(dirname(host.path(stagedFolder)), { recursive: true, mode: 0o700 });
  if (await pathExists(host.path(folder))) {
    const copied = await host.run(["cp", "--archive", "--", host.path(folder), host.path(stagedFolder)]);
    if (copied.exitCode !== 0)
      throw new JobFailure(
        `The configuration in ${folder} could not be copied for its check: ${copied.stderr.trim()}`,
        {
          retry: "temporary",
        },
      );
  } else await mkdir(host.path(stagedFolder), { recursive: true });
  const isInside = (path: string) => path.startsWith(`${folder}/`);
  for (const path of change.removes.filter(isInside))
    await removeFile(host.path(join(stagedFolder, path.slice(folder.length))));
  for (const file of change.writes.filter(({ path }) => isInside(path)))
    await writeFileAtomically(host.path(join(stagedFolder, file.path.slice(folder.length))), file.content, {
      mode: file.mode,
      prepare: async (temporaryPath) => {
        await host.setOwner(temporaryPath, file);
        await coolMainCf(file.path, temporaryPath);
      },
    });
}

/** What the check holds against the files, or null. Postfix and Rspamd tell some errors with exit code 0. */
function refusal(argv: Argv, result: CommandResult): string | null {
  const subject = argv[0] === "sievec" ? `${argv[1]}: ` : "";
  if (result.exitCode === 0) {
    const wrong = linesOf(result.stderr).find((line) => /fatal:|error:|fatal configuration error/.test(line));
    return wrong === undefined ? null : subject + wrong;
  }
  const said = linesOf(`${result.stderr}\n${result.stdout}`);
  const wrong = said.filter(
    (line) => /fatal|emerg|error|syntax|unknown|invalid|missing|bad /i.test(line) && !isRemark(line),
  );
  const words = (wrong.length > 0 ? wrong : said).slice(0, 4).join(" / ");
  return subject + (words || `${argv.join(" ")} ended with ${result.exitCode}`);
}

/** What is no error to the service and still most likely a slip of the operator's. */
function remarksOf(result: CommandResult): string[] {
  return linesOf(result.stderr).filter(isRemark);
}

function isRemark(line: string): boolean {
  return /unused parameter|overriding earlier entry|\[warn\]/.test(line);
}

function linesOf(text: string): string[] {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "" && !line.includes("postfix-script"));
}
