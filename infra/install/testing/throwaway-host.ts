import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface Scenario {
  /** Arguments of the install script. */
  readonly scriptArguments: readonly string[];
  readonly osRelease: string;
  /** As dpkg names it. */
  readonly architecture: string;
  /** Null when the control plane, or a proxy before it, does not tell the time. */
  readonly controlClockAheadMs: number | null;
  readonly port25Taken: boolean;
  readonly withoutSystemd: boolean;
  /** Files that lie there before; "-> name" makes a link. */
  readonly present: Readonly<Record<string, string>>;
  /** Programs that come first in PATH, as text of a script. */
  readonly programs: Readonly<Record<string, string>>;
  /** What the control plane serves, by path. */
  readonly served: Readonly<Record<string, Buffer | string>>;
  /** What it answers for any other path; 404 unless said. */
  readonly absentStatus?: number;
  /** The script breaks off after so many characters, as a download may. */
  readonly scriptLengthMax?: number;
}

export interface Outcome {
  readonly exitCode: number | null;
  readonly output: string;
  /** Every file below /etc, /usr and /var that is not as before. */
  readonly changedFiles: readonly string[];
  /** What lies in /usr/lib/mailstead afterwards, a link as "name -> name". */
  readonly agentFolder: readonly string[];
  /** How systemctl was called, a line each. */
  readonly systemctl: string;
  readonly agentCalls: string;
  /** The text of /etc/mailstead/updater. */
  readonly settings: string;
  /** What the updater remembers from the first day on. */
  readonly seen: string;
}

const namespaces = [
  "--user",
  "--map-root-user",
  "--mount",
  "--net",
  "--pid",
  "--fork",
  "--kill-child",
  "--mount-proc",
];

/** Why no host can be made here, or null. */
export function whyNoThrowawayHost(): string | null {
  if (process.platform !== "linux") return "it needs Linux";
  const probe =
    "mkdir -p /tmp/. && mount -t tmpfs tmpfs /mnt && mkdir /mnt/u /mnt/w && mount -t overlay o -o lowerdir=/etc,upperdir=/mnt/u,workdir=/mnt/w /etc";
  const { status, stderr } = spawnSync("unshare", [...namespaces, "sh", "-c", probe], { encoding: "utf8" });
  return status === 0 ? null : `namespaces are refused here: ${(stderr ?? "no unshare").trim()}`;
}

/** Runs the install script on a host that is thrown away afterwards: own files, own network, own processes. */
export function installOnThrowawayHost({ served, ...scenario }: Scenario): Outcome {
  const folder = mkdtempSync(join(tmpdir(), "mailstead-install-"));
  try {
    mkdirSync(join(folder, "layers"));
    for (const [path, content] of Object.entries(served)) {
      mkdirSync(dirname(join(folder, "served", path)), { recursive: true });
      writeFileSync(join(folder, "served", path), content);
    }
    writeFileSync(join(folder, "scenario.json"), JSON.stringify(scenario));
    const runner = join(import.meta.dirname, "host-scenario.ts");
    const { status, stdout, stderr } = spawnSync(
      "unshare",
      [...namespaces, process.execPath, runner, folder],
      { encoding: "utf8" },
    );
    if (status !== 0) throw new Error(`The throw-away host failed: ${stderr}`);
    return JSON.parse(stdout) as Outcome;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
