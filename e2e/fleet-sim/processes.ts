import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { FaultShares } from "./faults.ts";
import type { FleetMember } from "./fleet.ts";
import { type FromProcess, sendable, type ToProcess } from "./fleet-message.ts";
import { addTallies, type FleetTally, nothingYet } from "./tally.ts";

export interface FleetProcessesOptions {
  readonly members: readonly FleetMember[];
  readonly processes: number;
  readonly gatewayUrl?: string;
  readonly shares?: FaultShares;
  readonly seed?: number;
  readonly rowsPerMinute?: number;
  readonly startWithinMs?: number;
  /** PEM of an authority that is trusted in place of the system's. */
  readonly authority?: string;
  /** Called with each order that comes while watched, and when. */
  onOrder?(jobId: string, atMs: number): void;
}

/** A fleet in processes of its own. */
export interface FleetProcesses {
  readonly pids: readonly number[];
  /** As the processes told it last, a fraction of a second ago. */
  tally(): FleetTally;
  watch(isOn: boolean): void;
  /** How often each job was begun, of all that came. */
  readStarts(): Promise<ReadonlyMap<string, number>>;
  /** Rejects never; resolves when all have ended. */
  close(): Promise<void>;
}

// A client has some 28,000 ports towards one address, so that each process takes an address of its own.
const addressesBegin = 2;

/** Starts the processes and has them connect their agents. */
export function openFleetProcesses(options: FleetProcessesOptions): FleetProcesses {
  const parts = Array.from({ length: options.processes }, (_, index) => openPart(options, index));
  return {
    pids: parts.map(({ child }) => child.pid ?? 0),
    tally: () => addTallies(parts.map(({ tally }) => tally())),
    watch: (isOn) => {
      for (const { tell } of parts) tell({ kind: "watch", isOn });
    },
    async readStarts() {
      const all = await Promise.all(parts.map(({ readStarts }) => readStarts()));
      return new Map(all.flat());
    },
    close: async () => void (await Promise.all(parts.map(({ close }) => close()))),
  };
}

function openPart(options: FleetProcessesOptions, index: number) {
  const { members, processes, gatewayUrl = null, shares = {}, seed = 1 } = options;
  const { rowsPerMinute = 0, startWithinMs = 0, authority = null } = options;
  const child = fork(join(import.meta.dirname, "process-main.ts"), { execArgv: [] });
  let tally: FleetTally = { ...nothingYet };
  const waitingForStarts: ((starts: readonly (readonly [string, number])[]) => void)[] = [];
  child.on("message", (message: FromProcess) => {
    if (message.kind === "tally") tally = message.tally;
    else if (message.kind === "starts") waitingForStarts.shift()?.(message.starts);
    else for (const [jobId, atMs] of message.orders) options.onOrder?.(jobId, atMs);
  });
  const tell = (message: ToProcess) => void (child.connected && child.send(message));
  tell({
    kind: "open",
    members: members.filter((_, place) => place % processes === index).map(sendable),
    gatewayUrl,
    shares,
    seed,
    rowsPerMinute,
    startWithinMs,
    authority,
    localAddress: isLoopback(gatewayUrl ?? members[0]?.identity.gatewayUrl)
      ? `127.0.0.${addressesBegin + index}`
      : null,
  });
  return {
    child,
    tally: () => tally,
    tell,
    readStarts: () =>
      new Promise<readonly (readonly [string, number])[]>((resolve) => {
        waitingForStarts.push(resolve);
        tell({ kind: "ask-starts" });
      }),
    close: () => end(child, tell),
  };
}

async function end(child: ChildProcess, tell: (message: ToProcess) => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  tell({ kind: "close" });
  await ended;
}

function isLoopback(url: string | undefined): boolean {
  return url !== undefined && /^127\./.test(new URL(url).hostname);
}
