/** One number of a bench run, with what it is compared to. */
export interface Measure {
  /** What was measured, as a reader would say it. */
  readonly name: string;
  readonly unit:
    | "s"
    | "ms"
    | "MiB"
    | "KiB"
    | "%"
    | "x"
    | "mails"
    | "counts"
    | "frames"
    | "faults"
    | "deliveries"
    | "rows"
    | "per s";
  /** The number, or null when it could not be measured; `note` then says why. */
  readonly value: number | null;
  readonly aim: { readonly kind: "at-most" | "at-least"; readonly value: number } | null;
  /** How many runs the number stands for; the value is their median unless the name says otherwise. */
  readonly runs: number;
  readonly note?: string;
}

/** A bench: measures one subject and says what it needs. */
export interface Bench {
  readonly name: string;
  /** Too large for a run of all; only who names it gets it. */
  readonly isOnRequest?: boolean;
  /** Null when it can run here, else a sentence that says what is missing. */
  whyNot(): string | null;
  run(log: (line: string) => void): Promise<readonly Measure[]>;
}

/** Whether the measured number reached its aim; null when there is no number or no aim. */
export function isReached({ value, aim }: Measure): boolean | null {
  if (value === null || aim === null) return null;
  return aim.kind === "at-most" ? value <= aim.value : value >= aim.value;
}

/** The value below which the given share of the samples lies, by nearest rank; throws on no samples. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((left, right) => left - right);
  const found = sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? sorted[0];
  if (found === undefined) throw new Error("A quantile needs at least one sample.");
  return found;
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}
