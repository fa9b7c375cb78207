import { tooFewOpenFiles } from "../../fleet-sim/open-files.ts";

export const fleetParts = [
  "connected",
  "steady",
  "dispatch",
  "rollout",
  "halt",
  "restart",
  "queue-lost",
  "two-gateways",
] as const;
export type FleetPart = (typeof fleetParts)[number];

/** How large the fleet of the bench is, and what is measured of it. */
export interface FleetBenchSize {
  readonly agents: number;
  readonly processes: number;
  readonly doors: number;
  readonly rowsPerMinute: number;
  /** Jobs that wait when the queue is lost. */
  readonly jobs: number;
  readonly parts: readonly FleetPart[];
}

/** What issue 5 names, and the ratio of jobs to agents in it. */
const promised = { agents: 10_000, jobsPerAgent: 10 };
const socketsOfDoorPerAgent = 2;
const agentsPerProcess = 5_000;

/** Reads the flags. Throws an Error with one sentence for what is wrong. */
export function readFleetBenchSize(argv: readonly string[]): FleetBenchSize {
  const agents = numberFlag(argv, "agents") ?? promised.agents;
  const processes = Math.max(1, Math.ceil(agents / agentsPerProcess));
  return {
    agents,
    processes,
    doors: processes,
    rowsPerMinute: numberFlag(argv, "rows") ?? 10,
    jobs: numberFlag(argv, "jobs") ?? agents * promised.jobsPerAgent,
    parts: readParts(textFlag(argv, "only")),
  };
}

/** Why it cannot run here: a gateway holds one socket for each agent, and a door two for each of its own. */
export function whyNotSoLarge({ agents, doors }: FleetBenchSize): string | null {
  const unevenly = 1.5;
  return tooFewOpenFiles(Math.max(agents, Math.ceil((unevenly * socketsOfDoorPerAgent * agents) / doors)));
}

function readParts(only: string | null): readonly FleetPart[] {
  if (only === null) return fleetParts;
  return only.split(",").map((name) => {
    const part = fleetParts.find((known) => known === name);
    if (part === undefined)
      throw new Error(`There is no part "${name}"; --only knows ${fleetParts.join(", ")}.`);
    return part;
  });
}

function textFlag(argv: readonly string[], name: string): string | null {
  const start = `--${name}=`;
  return argv.find((word) => word.startsWith(start))?.slice(start.length) ?? null;
}

function numberFlag(argv: readonly string[], name: string): number | null {
  const text = textFlag(argv, name);
  if (text === null) return null;
  if (/^\d+$/.test(text) && Number(text) > 0) return Number(text);
  throw new Error(`--${name} must be a whole number above 0, like --${name}=1000, not "${text}".`);
}
