import { type ProviderId, providers } from "../delivery/index.ts";
import type { MeasureKind } from "./measure.ts";

/** How the keys of all findings about measures begin, which tells them from those of checks. */
export const measureFindingPrefix = "measure-";

export interface MeasureInForce {
  readonly kind: MeasureKind;
  readonly provider: ProviderId;
  readonly isAutomatic: boolean;
  readonly isProlonged: boolean;
  readonly endsAt: Date;
}

export interface MeasureFinding {
  readonly key: string;
  readonly severity: "warning";
  readonly sentence: string;
}

/** What somebody should know of the measures of a server: what began without a person, and what did not help in time. */
export function measureFindings(measures: readonly MeasureInForce[]): readonly MeasureFinding[] {
  return measures.flatMap(({ kind, provider, isAutomatic, isProlonged, endsAt }) => {
    const { title } = providers[provider];
    const until = `${endsAt.toISOString().slice(0, 16).replace("T", " ")} UTC`;
    if (isAutomatic)
      return [
        finding(
          `fallback ${provider}`,
          `${title} refused this server's address, so its mail leaves through the standby smarthost until ${until}; then direct delivery is tried again.`,
        ),
      ];
    if (isProlonged)
      return [
        finding(
          `prolonged ${kind} ${provider}`,
          `${title} still pushed mail back when the measure "${kind}" was to end, so it was prolonged once, until ${until}. See why ${title} refuses before then.`,
        ),
      ];
    return [];
  });
}

function finding(about: string, sentence: string): MeasureFinding {
  return { key: `${measureFindingPrefix}${about}`, severity: "warning", sentence };
}
