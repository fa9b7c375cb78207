// measure-offline FOLDER LOG HOURS BEGINS URL: runs the whole agent on a fake host whose control plane takes nothing, for so many
// hours that pass as fast as it can work, and appends to FOLDER/samples.jsonl what it holds after each. LOG is the host's mail log
// from BEGINS (milliseconds since 1970) on; URL is where the agent knocks.

import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { writeIdentity } from "../link/identity.ts";
import type { Host } from "../platform/host.ts";
import { agentPaths } from "../platform/paths.ts";
import { runAgent } from "../run-agent.ts";
import { openFakeHost } from "./fake-host.ts";
import { takeOverTime } from "./simulated-clock.ts";
import { makeIdentity } from "./test-identity.ts";

const [folder = "", logPath = "", hours = "", begins = "", gatewayUrl = ""] = process.argv.slice(2);
const beginsAtUnixMs = Number(begins);
const minuteMs = 60_000;
const minutesOfHour = 60;
const hoursOfDay = 24;
const followedPath = "/var/log/mail.log";
const logsKept = 2;

/** Kept before time is taken over: the program itself waits by the real one. */
const realSetTimeout = globalThis.setTimeout;
const pause = (ms: number) => new Promise<void>((resolve) => realSetTimeout(resolve, ms));

const clock = takeOverTime(beginsAtUnixMs);
const fake = openFakeHost(join(folder, "host"));
let underWay = 0;
/** Time stands still while programs run and ports are asked, which take as long as they take. */
const counted = <Args extends unknown[], T>(work: (...args: Args) => Promise<T>) => {
  return async (...args: Args): Promise<T> => {
    underWay += 1;
    try {
      return await work(...args);
    } finally {
      underWay -= 1;
    }
  };
};
const host: Host = {
  ...fake,
  nowUnixMs: () => Date.now(),
  run: counted(fake.run),
  probe: counted(fake.probe),
};

async function rest(): Promise<void> {
  do await pause(1);
  while (underWay > 0);
}

await layOut();
const mail = await openMail();
// Ends only when it is told to, which nobody does.
void runAgent(host);
await pause(500);
sample(0);
for (let hour = 1; hour <= Number(hours); hour += 1) {
  for (let minute = 0; minute < minutesOfHour; minute += 1) {
    await mail.logUntil(Date.now() + minuteMs);
    await clock.advance(minuteMs, rest);
    await pause(5);
  }
  if (hour % hoursOfDay === 0) rotate();
  sample(hour);
}
process.exit(0);

/** A Debian host with a mail log in a file, and an identity whose gateway is `gatewayUrl`. */
async function layOut(): Promise<void> {
  const { identity } = makeIdentity();
  fake.write(
    "/etc/os-release",
    'ID=debian\nVERSION_CODENAME=trixie\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n',
  );
  fake.write("/etc/machine-id", `${identity.machineId}\n`);
  fake.write("/etc/postfix/main.cf", `maillog_file = ${followedPath}\n`);
  fake.write(followedPath, "");
  for (const path of ["/run/mailstead", "/var/lib/mailstead", "/etc/mailstead"])
    mkdirSync(fake.path(path), { recursive: true });
  await writeIdentity(fake.path(agentPaths.identity), { ...identity, gatewayUrl });
}

/** The log as it comes in: lines up to a moment, by the stamps that they begin with. */
async function openMail() {
  const file = await open(logPath);
  const lines = file.readLines()[Symbol.asyncIterator]();
  let next = await lines.next();
  const stampLength = "Nov 30 14:05:06".length;
  const year = new Date(beginsAtUnixMs).getUTCFullYear();
  return {
    async logUntil(untilUnixMs: number): Promise<void> {
      const due: string[] = [];
      while (!next.done && Date.parse(`${next.value.slice(0, stampLength)} ${year} UTC`) < untilUnixMs) {
        due.push(`${next.value}\n`);
        next = await lines.next();
      }
      appendFileSync(fake.path(followedPath), due.join(""));
    },
  };
}

/** As logrotate does it once a day, with what is older thrown away. */
function rotate(): void {
  const aside = (number: number) => fake.path(`${followedPath}.${number}`);
  for (let number = logsKept; number >= 1; number -= 1)
    if (existsSync(aside(number))) renameSync(aside(number), aside(number + 1));
  rmSync(aside(logsKept + 1), { force: true });
  renameSync(fake.path(followedPath), aside(1));
  fake.write(followedPath, "");
}

function sample(hour: number): void {
  collect();
  const { heapUsed } = process.memoryUsage();
  const [, rssKib = "0"] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  const told = {
    hour,
    rssBytes: Number(rssKib) * 1024,
    heapBytes: heapUsed,
    openFiles: readdirSync("/proc/self/fd").length,
    storeBytes: ["", "-wal"].reduce(
      (sum, end) => sum + sizeOf(`${fake.path(agentPaths.telemetry)}${end}`),
      0,
    ),
  };
  appendFileSync(join(folder, "samples.jsonl"), `${JSON.stringify(told)}\n`);
}

function collect(): void {
  const { Bun, gc } = globalThis as { Bun?: { gc(isForced: boolean): void }; gc?: () => void };
  if (Bun === undefined) gc?.();
  else Bun.gc(true);
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
