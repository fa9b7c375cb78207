import { type ExactPackage, parseAptSimulation } from "@mailstead/core/updates";
import { type AptContext, aptGet, aptWords } from "../apply/apt.ts";
import { JobFailure } from "../jobs/job-failure.ts";
import { keyOf, namesOf } from "./installed-packages.ts";

const simulateWithinMs = 180_000;

/** What apt would do for these arguments of `apt-get install`. */
export type Simulated =
  | { kind: "exactly" }
  | { kind: "missing"; what: string }
  | { kind: "refused"; sentence: string; words: string };

/** Asks apt what it would do, and says whether that is what the order names and nothing else. Changes nothing. */
export async function simulate(
  { host }: AptContext,
  { arguments: args, order }: { arguments: readonly string[]; order: readonly ExactPackage[] },
): Promise<Simulated> {
  const argv = aptGet("--simulate", "--option=Debug::NoLocking=true", ...args);
  const result = await host.run(argv, { timeoutMs: simulateWithinMs });
  if (result.exitCode !== 0) {
    const words = aptWords(result);
    const missing = missingIn(words);
    if (missing !== null) return { kind: "missing", what: missing };
    return { kind: "refused", sentence: `apt finds no way to exactly these versions: ${words}`, words };
  }
  const { installs, removals } = parseAptSimulation(result.stdout);
  if (removals.length > 0) return refused(`apt would remove ${namesOf(removals)} for these versions`);
  const named = new Map(order.map((wanted) => [keyOf(wanted), wanted.version]));
  const others = installs.filter((install) => named.get(keyOf(install)) !== install.to);
  if (others.length === 0) return { kind: "exactly" };
  const told = others.map(({ name, from, to }) => ({
    name,
    version: from === null ? to : `${to} (here: ${from})`,
  }));
  return refused(`apt would also install ${namesOf(told)} for these versions`);
}

function refused(what: string): Simulated {
  return { kind: "refused", sentence: `${what}, which the order does not name`, words: "" };
}

/** What apt does not find, as "postfix 3.7.12-0" or "postfix". */
function missingIn(words: string): string | null {
  const [, version, name] = /Version '([^']+)' for '([^':]+)[^']*' was not found/.exec(words) ?? [];
  if (version !== undefined && name !== undefined) return `${name} ${version}`;
  return /Unable to locate package ([^\s:=]+)/.exec(words)?.[1] ?? null;
}

/** The failure of an order that apt would not carry out to the letter. */
export function refusal(simulated: Exclude<Simulated, { kind: "exactly" }>): JobFailure {
  const sentence =
    simulated.kind === "missing"
      ? `The mirror no longer has ${simulated.what}; start a new rollout. Nothing was changed.`
      : `${upperFirst(simulated.sentence)}. Nothing was changed.`;
  return new JobFailure(sentence, { retry: "permanent" });
}

// apt is always written so, and package names begin sentences nowhere.
const upperFirst = (sentence: string): string => sentence.replace(/^apt /, "On this host apt ");

/** How apt is told one package in exactly one version. */
export function aptArgument({ name, architecture, version }: ExactPackage): string {
  return architecture === "all" ? `${name}=${version}` : `${name}:${architecture}=${version}`;
}
