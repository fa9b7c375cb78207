/** `converges` compares runs without a change and with one changed file; the others, updates of the packages of a source. */
export const hostsParts = ["converges", "redis", "dovecot"] as const;
export type HostsPart = (typeof hostsParts)[number];

export interface HostsBenchOptions {
  /** How often each way is measured. */
  readonly rounds: number;
  readonly parts: readonly HostsPart[];
}

const roundsUsually = 5;

/** Reads the flags. Throws an Error with one sentence for what is wrong. */
export function readHostsBenchOptions(argv: readonly string[]): HostsBenchOptions {
  const [rounds, only] = [flag(argv, "rounds"), flag(argv, "only")];
  if (rounds !== null && !(/^\d+$/.test(rounds) && Number(rounds) > 0))
    throw new Error(`--rounds must be a whole number above 0, like --rounds=5, not "${rounds}".`);
  return {
    rounds: rounds === null ? roundsUsually : Number(rounds),
    parts: only === null ? hostsParts : only.split(",").map(readPart),
  };
}

function readPart(name: string): HostsPart {
  const part = hostsParts.find((known) => known === name);
  if (part === undefined)
    throw new Error(`There is no part "${name}"; --only knows ${hostsParts.join(", ")}.`);
  return part;
}

function flag(argv: readonly string[], name: string): string | null {
  const start = `--${name}=`;
  return argv.find((word) => word.startsWith(start))?.slice(start.length) ?? null;
}
