import type { ReportSource } from "./report-sources.ts";

/** A stranger of whom a person has said that nothing is to be done, and how it was then. */
export interface SettledSource {
  /** As `sourceName` names it. */
  readonly source: string;
  readonly failedPerDay: number;
  /** Whether receivers were asked to put such mail aside or to refuse it. */
  readonly wasGuarded: boolean;
}

export const unknownSource = "unknown address";

/** What a source is settled by. Services send from many addresses, which change. */
export function sourceName({ origin, sourceIp }: ReportSource): string {
  return origin.kind === "service" ? `service ${origin.service}` : (sourceIp ?? unknownSource);
}

/** Messages that proved nothing. */
export function failedOf({ messages, passed }: Pick<ReportSource, "messages" | "passed">): number {
  return messages - passed;
}

/** Whether a source sent in the domain's name, proved nothing and is nobody who is known to do so. */
export function isStranger(source: ReportSource): boolean {
  const { origin } = source;
  return (
    failedOf(source) > 0 && (origin.kind === "unknown" || (origin.kind === "service" && !origin.isExpected))
  );
}

export function isGuardedBy(policy: string | null): boolean {
  return policy === "reject" || policy === "quarantine";
}

/** So many times what was seen is no longer what was settled. */
const growthMax = 10;

interface Figures {
  readonly days: number;
  readonly policy: string | null;
  readonly sources: readonly ReportSource[];
}

/** The strangers by name, each with all that failed of it. */
export function strangersByName({ sources }: Pick<Figures, "sources">): ReadonlyMap<string, number> {
  const failed = new Map<string, number>();
  for (const source of sources.filter(isStranger)) {
    const name = sourceName(source);
    failed.set(name, (failed.get(name) ?? 0) + failedOf(source));
  }
  return failed;
}

/**
 * Names of the strangers for whom what was settled still holds: not for one that sends far more by now, nor for any once
 * the domain asks receivers to let pass what it had them refuse.
 */
export function stillSettled(figures: Figures, settled: readonly SettledSource[]): ReadonlySet<string> {
  const failed = strangersByName(figures);
  return new Set(
    settled
      .filter(
        ({ source, failedPerDay, wasGuarded }) =>
          (failed.get(source) ?? 0) <= failedPerDay * growthMax * figures.days &&
          (!wasGuarded || isGuardedBy(figures.policy)),
      )
      .map(({ source }) => source),
  );
}
