import type { ToldOfFinding } from "../checks/index.ts";
import { type ProviderId, providers } from "../delivery/index.ts";
import { momentMark } from "../text/index.ts";
import type { MeasureKind } from "./measure.ts";

/** How the keys of all findings about measures begin, which tells them from those of checks. */
export const measureFindingPrefix = "measure-";

export interface MeasureInForce {
  readonly kind: MeasureKind;
  readonly provider: ProviderId;
  readonly isAutomatic: boolean;
  readonly isProlonged: boolean;
  readonly startedAt: Date;
  readonly endsAt: Date;
}

/** What people call each measure, as on its button. */
export const measureTitles = {
  "back-off": "Back off",
  throttle: "Send slower",
  relay: "Send through the smarthost",
  "prefer-ipv4": "Prefer IPv4",
  "warm-up": "Warm-up",
} as const satisfies Record<MeasureKind, string>;

export interface MeasureFinding {
  readonly key: string;
  readonly severity: "warning";
  readonly sentence: string;
  readonly told: ToldOfFinding;
}

/** What somebody should know of the measures of a server: what began without a person, and what did not help in time. */
export function measureFindings(measures: readonly MeasureInForce[]): readonly MeasureFinding[] {
  return measures.flatMap(({ kind, provider, isAutomatic, isProlonged, startedAt, endsAt }) => {
    const { title } = providers[provider];
    const name = measureTitles[kind];
    const evidence = [`“${name}” for ${title} began ${momentMark(startedAt)} and ends ${momentMark(endsAt)}`];
    if (isAutomatic)
      return [
        finding(
          `fallback ${provider}`,
          `${title} refused this server's address, so its mail leaves through the standby smarthost; when that ends, direct delivery is tried again.`,
          [
            ...evidence,
            `it began by itself, because ${title} refused all that came from the address since it last took mail`,
          ],
        ),
      ];
    if (isProlonged)
      return [
        finding(
          `prolonged ${kind} ${provider}`,
          `${title} still pushed mail back when the measure “${name}” was to end, so it was prolonged once.`,
          [...evidence, `it was prolonged because ${title} still put mail off or refused it`],
        ),
      ];
    return [];
  });
}

function finding(about: string, sentence: string, evidence: readonly string[]): MeasureFinding {
  return { key: `${measureFindingPrefix}${about}`, severity: "warning", sentence, told: { evidence } };
}
