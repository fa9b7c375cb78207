import { randomBy } from "../exactly-once/random.ts";

/** What may be wrong with a simulated agent, from the start and for as long as it runs. */
export const faultKinds = ["slow", "failing", "flapping", "vanishing", "lying", "cloned"] as const;
export type FaultKind = (typeof faultKinds)[number];

/** What a lying agent says that is not so. */
export const lies = [
  /** That a job has ended which it never accepted. */
  "ends-unstarted",
  /** Events after a gap, and an end after more of them than it told. */
  "wrong-progress",
  /** How another server's job goes. */
  "others-job",
  /** Each batch of telemetry twice. */
  "repeats-telemetry",
  /** Telemetry whose numbers have holes. */
  "skips-telemetry",
] as const;
export type Lie = (typeof lies)[number];

export type Fault =
  | { readonly kind: "none" }
  | { readonly kind: "slow"; readonly takesMs: number }
  | { readonly kind: "failing"; readonly retry: "temporary" | "permanent" }
  /** Loses its connection again and again, after so long on average. */
  | { readonly kind: "flapping"; readonly everyMs: number }
  /** Is gone once it has begun with an order; null for good. */
  | { readonly kind: "vanishing"; readonly awayMs: number | null }
  | { readonly kind: "lying"; readonly lie: Lie }
  /** A copy of its host connects so long after it. */
  | { readonly kind: "cloned"; readonly afterMs: number };

/** Of each kind, the share of the fleet from 0 to 1. */
export type FaultShares = Readonly<Partial<Record<FaultKind, number>>>;

const usage = "like slow=5%,failing=2%";

/** Reads shares as a person types them. Throws an Error with one sentence for what is wrong. */
export function parseFaultShares(text: string): FaultShares {
  const shares: Partial<Record<FaultKind, number>> = {};
  for (const part of text.split(",").filter((word) => word !== "")) {
    const [, name = "", percent] = /^([a-z]+)=(\d+(?:\.\d+)?)%$/.exec(part) ?? [];
    if (percent === undefined)
      throw new Error(`--faults must be kinds with their shares, ${usage}; "${part}" is none.`);
    const kind = faultKinds.find((known) => known === name);
    if (kind === undefined)
      throw new Error(`There is no fault "${name}"; --faults knows ${faultKinds.join(", ")}.`);
    if (shares[kind] !== undefined) throw new Error(`--faults names ${kind} twice; name it once.`);
    shares[kind] = Number(percent) / 100;
  }
  // Sums of decimal fractions miss a whole one by a hair.
  if (sum(shares) > 1 + 1e-9)
    throw new Error("The shares of --faults add up to more than 100%; lower one of them.");
  return shares;
}

/**
 * The fault of one agent, from the seed and its number alone. Of the first N agents each kind has its share, give or take a
 * few, whatever N is: positions go around by the golden ratio, which leaves no gaps, where plain chance would.
 */
export function faultOf(
  shares: FaultShares,
  { seed, agentNumber }: { seed: number; agentNumber: number },
): Fault {
  const kind = kindAt(shares, (agentNumber * goldenRatio + randomBy(seed).next()) % 1);
  const random = randomBy(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) + agentNumber);
  // The first numbers of neighbouring seeds are alike.
  random.next();
  switch (kind) {
    case "none":
      return { kind };
    case "slow":
      return { kind, takesMs: random.between(5_000, 30_000) };
    case "failing":
      return { kind, retry: random.pick(["temporary", "permanent"]) };
    case "flapping":
      return { kind, everyMs: random.between(10_000, 60_000) };
    case "vanishing":
      return { kind, awayMs: random.next() < 0.5 ? null : random.between(60_000, 600_000) };
    case "lying":
      return { kind, lie: random.pick(lies) };
    case "cloned":
      return { kind, afterMs: random.between(5_000, 60_000) };
  }
}

const goldenRatio = (Math.sqrt(5) - 1) / 2;

function kindAt(shares: FaultShares, position: number): FaultKind | "none" {
  let reached = 0;
  for (const kind of faultKinds) {
    reached += shares[kind] ?? 0;
    if (position < reached) return kind;
  }
  return "none";
}

function sum(shares: FaultShares): number {
  return Object.values(shares).reduce((all, share) => all + share, 0);
}
