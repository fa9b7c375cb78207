import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { type FaultShares, parseFaultShares } from "./faults.ts";
import { tooFewOpenFiles } from "./open-files.ts";

/** Which control plane the fleet belongs to. */
export type ControlPlaneChoice =
  /** One that is started for the run, with a database of its own, and goes with it. */
  | { readonly kind: "own"; readonly ordersPerMinute: number }
  /** That of `npm run up` with this data folder; agents are enrolled in its database. */
  | { readonly kind: "up"; readonly dataDir: string }
  /** Any, by tokens that its dashboard gave out. */
  | { readonly kind: "tokens"; readonly url: string; readonly tokens: readonly string[] };

export interface SimulatorOptions {
  readonly controlPlane: ControlPlaneChoice;
  readonly agents: number;
  readonly processes: number;
  readonly shares: FaultShares;
  readonly seed: number;
  readonly minutes: number;
  readonly tellsTelemetry: boolean;
}

export const usage = `npm run fleet-sim -- [--own | --up .mailstead | --url https://control.example.net --tokens FILE]
  [--agents 100] [--processes 1] [--faults slow=5%,failing=2%] [--seed 1] [--minutes 5] [--telemetry on|off] [--orders 60]`;

const agentsMax = 100_000;
/** More than these in one process wait for each other at its one processor. */
const agentsPerProcess = 5000;

/** Reads the flags. Throws an Error with one sentence for the first that is wrong. */
export function parseSimulatorOptions(argv: readonly string[]): SimulatorOptions {
  const flags = parseFlags(argv);
  const controlPlane = parseControlPlane(flags);
  const fleetSize = controlPlane.kind === "tokens" ? controlPlane.tokens.length : 100;
  const agents = wholeNumber("agents", flags.agents, { usual: fleetSize, min: 1, max: agentsMax });
  if (controlPlane.kind === "tokens" && agents > controlPlane.tokens.length)
    throw new Error(
      `--agents asks for ${agents} and the file of --tokens holds ${controlPlane.tokens.length}; make more tokens in the dashboard, or ask for fewer.`,
    );
  const processes = wholeNumber("processes", flags.processes, {
    usual: Math.ceil(agents / agentsPerProcess),
    min: 1,
    max: Math.max(cpus().length * 4, Math.ceil(agents / agentsPerProcess)),
  });
  const obstacle = tooFewOpenFiles(Math.ceil(agents / processes));
  if (obstacle !== null) throw new Error(obstacle);
  return {
    controlPlane,
    agents,
    processes,
    shares: parseFaultShares(flags.faults ?? ""),
    seed: wholeNumber("seed", flags.seed, { usual: 1, min: 0, max: 2 ** 31 }),
    minutes: parseMinutes(flags.minutes),
    tellsTelemetry: parseSwitch(flags.telemetry),
  };
}

function parseFlags(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: false,
      options: {
        own: { type: "boolean" },
        up: { type: "string" },
        url: { type: "string" },
        tokens: { type: "string" },
        agents: { type: "string" },
        processes: { type: "string" },
        faults: { type: "string" },
        seed: { type: "string" },
        minutes: { type: "string" },
        telemetry: { type: "string" },
        orders: { type: "string" },
      },
    }).values;
  } catch (cause) {
    throw new Error(`${(cause as Error).message.split(".")[0]}; use ${usage}`, { cause });
  }
}

type Flags = ReturnType<typeof parseFlags>;

function parseControlPlane({ own, up, url, tokens, orders }: Flags): ControlPlaneChoice {
  const named = [
    own === true ? "--own" : null,
    up === undefined ? null : "--up",
    url === undefined ? null : "--url",
  ];
  const chosen = named.filter((name) => name !== null);
  if (chosen.length > 1)
    throw new Error(`${chosen.join(" and ")} name two control planes; choose one of them.`);
  const isOwn = up === undefined && url === undefined;
  if (orders !== undefined && !isOwn)
    throw new Error("--orders goes with --own alone; click in the dashboard of the control plane that runs.");
  if (tokens !== undefined && url === undefined)
    throw new Error("--tokens goes with --url, which says where the tokens are used.");
  if (up !== undefined) return { kind: "up", dataDir: up };
  if (url !== undefined) return { kind: "tokens", url: parseUrl(url), tokens: readTokens(tokens) };
  return { kind: "own", ordersPerMinute: wholeNumber("orders", orders, { usual: 60, min: 0, max: 60_000 }) };
}

function parseUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new Error(
      `--url must be the address of a control plane, like https://control.example.net, not "${text}".`,
    );
  return url.origin;
}

function readTokens(path: string | undefined): readonly string[] {
  if (path === undefined)
    throw new Error(
      "--url needs --tokens with a file of enrolment tokens, one on each line; the dashboard makes them.",
    );
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new Error(`The file of --tokens, ${path}, cannot be read: ${(cause as Error).message}.`, { cause });
  }
  const tokens = text.split("\n").flatMap((line) => line.trim() || []);
  if (tokens.length === 0)
    throw new Error(`The file of --tokens, ${path}, is empty; it needs one token on each line.`);
  return tokens;
}

function wholeNumber(
  name: string,
  text: string | undefined,
  { usual, min, max }: { usual: number; min: number; max: number },
): number {
  if (text === undefined) return usual;
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new Error(`--${name} must be a whole number from ${min} to ${max}, not "${text}".`);
}

function parseMinutes(text: string | undefined): number {
  const minutes = text === undefined ? 5 : Number(text);
  if (minutes > 0 && minutes <= 10_000) return minutes;
  throw new Error(`--minutes must be a number above 0, like 5 or 0.5, not "${text}".`);
}

function parseSwitch(text = "on"): boolean {
  if (text === "on" || text === "off") return text === "on";
  throw new Error(`--telemetry must be on or off, not "${text}".`);
}
