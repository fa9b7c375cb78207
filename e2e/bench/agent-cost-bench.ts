import { spawn } from "node:child_process";
import { addServer } from "@mailstead/services/servers";
import { createTenant } from "@mailstead/services/tenants";
import { type ControlPlane, startControlPlane } from "../control-plane/start.ts";
import { untilReleased } from "../control-plane/until-released.ts";
import type { LabHost } from "../lab/host.ts";
import { openLab } from "../lab/lab.ts";
import { waitFor } from "../lab/wait-for.ts";
import { query } from "../scene/database.ts";
import { openOperator } from "../scene/operator.ts";
import { paste } from "../scene/scene.ts";
import { createLogCount, mailStream } from "./mail-log.ts";
import type { ToldLine } from "./mail-log-message.ts";
import { type Bench, type Measure, median, quantile } from "./measure.ts";

const messagesPerS = 100;
const streamForS = 180;
const cpuAimPercent = 3;
const rssAimMiB = 48;
const slotsPerS = 10;
// Linux counts a process's time in hundredths of a second (proc(5), stat, utime and stime).
const tickMs = 10;

/** What the agent takes on a host whose mail is logged at a hundred messages a second, all of it told to a real gateway. */
export const agentCostBench: Bench = {
  name: "agent-cost",
  whyNot: () => (process.getuid?.() === 0 ? null : "a real host needs root."),
  async run(log) {
    const lab = await openLab({
      hosts: [{ name: "busy", suite: "trixie", image: "clean" }],
      receivers: false,
    });
    try {
      const controlPlane = await startControlPlane({ lab });
      const operator = await openOperator(controlPlane);
      try {
        await untilReleased(controlPlane);
        const host = lab.host("busy");
        const { tenantId } = await createTenant(operator.ctx, { name: "Bench" });
        const { command } = await addServer(operator.ctx, {
          tenantId,
          name: "busy",
          hostname: host.description.hostname,
        });
        const { code, output } = await paste(host, command);
        if (code !== 0) throw new Error(output);
        await waitFor("the log to be followed", () => isFollowing(host, controlPlane), {
          timeoutMs: 180_000,
          intervalMs: 2000,
        });
        return await measure({ host, controlPlane, log });
      } finally {
        await operator.close();
        await controlPlane.stop();
      }
    } finally {
      await lab.close();
    }
  },
};

/** A delivery that is counted shows that the agent was there before what is measured. */
async function isFollowing(host: LabHost, controlPlane: ControlPlane): Promise<boolean> {
  const sender = openSender(host);
  sender.send([
    "postfix/lmtp[1]: 4A1B2C3D4E: to=<first@warm-up.example>, relay=mail.a.example[private/dovecot-lmtp], delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 Saved)",
  ]);
  await sender.close();
  const [row] = await query(
    controlPlane,
    "select 1 from delivery_minutes where domain = 'warm-up.example'",
    [],
  );
  return row !== undefined;
}

async function measure({
  host,
  controlPlane,
  log,
}: {
  host: LabHost;
  controlPlane: ControlPlane;
  log: (line: string) => void;
}): Promise<Measure[]> {
  const pid = (await host.must(["systemctl", "show", "-P", "MainPID", "mailstead-agent"])).trim();
  const before = await readUse(host, pid);
  const count = createLogCount();
  const rssMiB: number[] = [];
  const sender = openSender(host);
  const begunAt = performance.now();
  let second = 0;
  for (const lines of mailStream({ messages: messagesPerS * streamForS, messagesPerS })) {
    if (second === streamForS) break;
    await sendWithin(sender, lines, begunAt + second * 1000);
    count.add(0, lines);
    second += 1;
    rssMiB.push((await readUse(host, pid)).rssMiB);
    if (second % 60 === 0) log(`${second} s: ${rssMiB.at(-1)?.toFixed(1)} MiB`);
  }
  await sender.close();
  const tookMs = performance.now() - begunAt;
  const truth = count.read();
  const sent = Object.values(truth.statuses).reduce((sum, attempts) => sum + attempts, 0);
  const counted = () => readCounted(controlPlane);
  await waitFor(`${sent} attempts to be counted`, async () => (await counted()).total >= sent, {
    timeoutMs: 180_000,
    intervalMs: 500,
  });
  const found = (await counted()).statuses;
  if (JSON.stringify(found) !== JSON.stringify(sorted(truth.statuses)))
    throw new Error(`${JSON.stringify(found)} was counted where ${JSON.stringify(truth.statuses)} was sent.`);
  const after = await readUse(host, pid);
  const percent = (cpuMs: number): number => (100 * cpuMs) / tookMs;
  const note = `${truth.lines} lines of ${messagesPerS * streamForS} messages in ${(tookMs / 1000).toFixed(0)} s; ${sent} attempts, each counted once`;
  return [
    {
      name: `agent and what it runs at ${messagesPerS} messages/s, CPU of one core`,
      unit: "%",
      value: percent(after.ownMs + after.childrenMs - before.ownMs - before.childrenMs),
      aim: { kind: "at-most", value: cpuAimPercent },
      runs: 1,
      note,
    },
    {
      name: "of it the agent itself",
      unit: "%",
      value: percent(after.ownMs - before.ownMs),
      aim: null,
      runs: 1,
    },
    {
      name: "agent's highest RSS",
      unit: "MiB",
      value: after.rssMaxMiB,
      aim: { kind: "at-most", value: rssAimMiB },
      runs: 1,
    },
    {
      name: "agent's RSS, half of the time at most",
      unit: "MiB",
      value: median(rssMiB),
      aim: null,
      runs: rssMiB.length,
    },
    {
      name: "agent's RSS, nine tenths of the time at most",
      unit: "MiB",
      value: quantile(rssMiB, 0.9),
      aim: null,
      runs: rssMiB.length,
    },
  ];
}

/** Sends the lines of one second evenly over it, and returns when it is over. */
async function sendWithin(sender: Sender, lines: readonly ToldLine[], beginsAt: number): Promise<void> {
  const each = Math.ceil(lines.length / slotsPerS);
  for (let slot = 0; slot < slotsPerS; slot += 1) {
    const dueAt = beginsAt + (slot * 1000) / slotsPerS;
    await waitFor("the next lines to be due", () => performance.now() >= dueAt, { intervalMs: 5 });
    sender.send(lines.slice(slot * each, (slot + 1) * each).map(({ line }) => line));
  }
}

interface Sender {
  /** Logs `program[pid]: message` lines on the host as mail programs do. */
  send(lines: readonly string[]): void;
  close(): Promise<void>;
}

// RFC 5424 §6.2.1: facility 2 (mail), severity 6 (informational). Perl is on every Debian.
const relayToSyslog = `use Socket; socket(my $log, PF_UNIX, SOCK_DGRAM, 0) or die; connect($log, sockaddr_un("/dev/log")) or die;
while (<STDIN>) { chomp; send($log, "<22>$_", 0) or die "$!" }`;

function openSender(host: LabHost): Sender {
  const started = host.enter(["perl", "-e", relayToSyslog]).then(([program = "", ...args]) => {
    const child = spawn(program, args, { stdio: ["pipe", "ignore", "inherit"] });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    return { child, ended };
  });
  return {
    send: (lines) =>
      void started.then(({ child }) => child.stdin.write(lines.map((line) => `${line}\n`).join(""))),
    async close() {
      const { child, ended } = await started;
      child.stdin.end();
      if ((await ended) !== 0) throw new Error("The lines could not be logged on the host.");
    },
  };
}

interface Use {
  readonly ownMs: number;
  /** Of programs that it ran and that have ended. */
  readonly childrenMs: number;
  readonly rssMiB: number;
  readonly rssMaxMiB: number;
}

async function readUse(host: LabHost, pid: string): Promise<Use> {
  const text = await host.must(["cat", `/proc/${pid}/stat`, `/proc/${pid}/status`]);
  const fields = text.slice(text.indexOf(") ") + 2).split(" ");
  const ticks = (at: number) => Number(fields[at]) * tickMs;
  const mebibytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1]) / 1024;
  return {
    ownMs: ticks(11) + ticks(12),
    childrenMs: ticks(13) + ticks(14),
    rssMiB: mebibytes("VmRSS"),
    rssMaxMiB: mebibytes("VmHWM"),
  };
}

async function readCounted(
  controlPlane: ControlPlane,
): Promise<{ total: number; statuses: Record<string, number> }> {
  const rows = await query<{ status: string; attempts: string }>(
    controlPlane,
    "select status, sum(attempts) as attempts from delivery_minutes where domain <> 'warm-up.example' group by status",
    [],
  );
  const statuses = sorted(Object.fromEntries(rows.map(({ status, attempts }) => [status, Number(attempts)])));
  return { total: Object.values(statuses).reduce((sum, attempts) => sum + attempts, 0), statuses };
}

function sorted(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort(([one], [other]) => (one < other ? -1 : 1)));
}
