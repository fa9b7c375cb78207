import type { ServiceContext } from "@mailstead/services/context";
import type { ControlPlane } from "../../control-plane/start.ts";
import type { LabHost } from "../../lab/host.ts";
import type { Suite } from "../../lab/image-recipes.ts";
import type { Lab } from "../../lab/lab.ts";
import type { PackageRepository } from "../../lab/package-repository.ts";
import { type Measure, median } from "../measure.ts";

/** A host that serves mail, on which we and others do the same work in turn. */
export interface ComparedHost {
  readonly lab: Lab;
  readonly host: LabHost;
  readonly suite: Suite;
  readonly controlPlane: ControlPlane;
  readonly ctx: ServiceContext;
  readonly serverId: string;
  readonly repository: PackageRepository;
  readonly rounds: number;
  readonly log: (line: string) => void;
}

/** Milliseconds by round. */
export type Rounds<Way extends string> = Readonly<Record<Way, readonly number[]>>;

/**
 * Has the same work done in several ways, one after the other and each round beginning with another one, so that all meet the
 * same noise. What comes before the first round that counts is thrown away.
 */
export async function alternate<Way extends string>(
  { rounds, log }: Pick<ComparedHost, "rounds" | "log">,
  ways: Readonly<Record<Way, () => Promise<number>>>,
): Promise<Rounds<Way>> {
  const names = Object.keys(ways) as Way[];
  const found = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Way, number[]>;
  for (let round = -1; round < rounds; round += 1) {
    const first = Math.max(0, round) % names.length;
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      const tookMs = await ways[name]();
      log(`${name} ${Math.round(tookMs)} ms${round < 0 ? ", which does not count" : ""}`);
      if (round >= 0) found[name].push(tookMs);
    }
  }
  return found;
}

/** The median of one way. */
export function timeMeasure(name: string, samples: readonly number[], note?: string): Measure {
  return {
    name,
    unit: "ms",
    value: median(samples),
    aim: null,
    runs: samples.length,
    ...(note === undefined ? {} : { note }),
  };
}

/** How many times as long one way took as the other: the median over the rounds, each against its own neighbour. */
export function ratioMeasure(
  name: string,
  { of, over, aim }: { of: readonly number[]; over: readonly number[]; aim: Measure["aim"] },
): Measure {
  const ratios = of.map((tookMs, round) => tookMs / (over[round] ?? Number.NaN));
  return { name, unit: "x", value: median(ratios), aim, runs: ratios.length };
}
