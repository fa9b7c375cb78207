import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { type CommandOptions, type CommandResult, LabError, must, run } from "./command.ts";
import { waitFor } from "./wait-for.ts";

/** A private mount, network and process namespace. Everything a lab starts lives in it and ends with it. */
export interface LabNamespace {
  /** The pid, as this machine counts, of the process whose death ends the lab. */
  readonly holderPid: number;
  /** Runs a command with the lab's network, mounts and processes. */
  run(argv: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  must(argv: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Starts a process that lives until it ends or the lab does; its words go to this file, or nowhere. */
  start(argv: readonly string[], logPath?: string): void;
  /** The argument array that runs a command in the lab, for a caller that spawns it. */
  enter(argv: readonly string[]): string[];
  /** A path inside the lab as this machine reaches it. */
  path(inside: string): string;
}

/**
 * The keeper waits outside of the namespace and sweeps what the kernel does not take with it. The holder is
 * the namespace's first process: it reads the pipe from whoever opened the lab, so that even a killed test
 * runner ends the lab, and as bash it reaps what its children leave.
 */
const keeperScript = `set -u
run=$1; groups=$2; shift 2
exec 3<&0
unshare --mount --net --pid --fork --kill-child --mount-proc --propagation private bash -c "$HOLDER" holder <&3 &
echo "unshare $!"
wait $!
exec 3<&-
rm -rf --one-file-system "$run"
for i in 1 2 3 4 5; do
  left=
  for root in /sys/fs/cgroup /sys/fs/cgroup/*; do
    if [ -d "$root/$groups" ]; then
      find "$root/$groups" -depth -type d -exec rmdir {} + 2>/dev/null || left=1
    fi
  done
  [ -n "$left" ] || break
  sleep 0.1
done
`;

const holderScript = `set -eu
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lab /run/netns /run/lock
ip link set lo up
echo 1 >/proc/sys/net/ipv4/ip_forward
echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad
echo ready
cat >/dev/null
`;

export interface HeldNamespace extends LabNamespace {
  /** Resolves when nothing of the namespace is left, whoever ended it. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/** Makes the namespace. It ends when close is called, when this process ends for whatever reason, or when its holder is killed. */
export async function openNamespace(place: {
  readonly folder: string;
  readonly groups: string;
}): Promise<HeldNamespace> {
  const keeper = spawn("bash", ["-c", keeperScript, "lab-keeper", place.folder, place.groups], {
    stdio: ["pipe", "pipe", "pipe"],
    // In a process group of its own: Ctrl-C on the terminal must end the opener, and the keeper after it.
    detached: true,
    env: { PATH: process.env["PATH"], HOLDER: holderScript },
  });
  const errors: string[] = [];
  keeper.stderr.on("data", (chunk: Buffer) => errors.push(chunk.toString("utf8")));
  keeper.stdin.on("error", () => undefined);
  const ended = new Promise<void>((resolve) => keeper.once("close", () => resolve()));

  const unsharePid = await new Promise<number>((resolve, reject) => {
    let pid = 0;
    createInterface({ input: keeper.stdout }).on("line", (line) => {
      if (line.startsWith("unshare ")) pid = Number(line.slice("unshare ".length));
      if (line === "ready") resolve(pid);
    });
    keeper.once("error", (cause) => reject(new LabError("bash could not be started.", { cause })));
    keeper.once("close", () =>
      reject(new LabError(`The lab's namespace could not be made: ${errors.join("")}`)),
    );
  });
  const holderPid = await waitFor("the lab's first process", async () => {
    const children = await readFile(`/proc/${unsharePid}/task/${unsharePid}/children`, "utf8");
    return Number(children.trim().split(" ")[0]) || undefined;
  });
  return {
    ...attachNamespace(holderPid),
    ended,
    close: async () => {
      keeper.stdin.end();
      await ended;
    },
  };
}

/** The namespace of a lab that somebody else holds. */
export function attachNamespace(holderPid: number): LabNamespace {
  const enter = (argv: readonly string[]): string[] => [
    ...["nsenter", "-t", String(holderPid), "-m", "-n", "-p", "--"],
    ...argv,
  ];
  const bounded = (argv: readonly string[], options: CommandOptions = {}): string[] =>
    // The command is a child of nsenter in another process namespace; only someone inside can end it in time.
    options.timeoutMs
      ? enter(["timeout", "--kill-after=2", String(options.timeoutMs / 1000), ...argv])
      : enter(argv);
  const outer = (options: CommandOptions = {}): CommandOptions => {
    const { timeoutMs, ...rest } = options;
    return timeoutMs ? { ...rest, timeoutMs: timeoutMs + 5_000 } : rest;
  };
  return {
    holderPid,
    enter,
    run: (argv, options) => run(bounded(argv, options), outer(options)),
    must: (argv, options) => must(bounded(argv, options), outer(options)),
    start: (argv, logPath) => {
      const [file = "", ...args] = enter(argv);
      const log = openSync(logPath ?? "/dev/null", "a");
      const child = spawn(file, args, { stdio: ["ignore", log, log], detached: true });
      closeSync(log);
      child.on("error", () => undefined);
      child.unref();
    },
    path: (inside) => `/proc/${holderPid}/root${inside}`,
  };
}
