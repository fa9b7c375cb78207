import type { HealthCheckId, HealthFigures } from "./mail-health.ts";

/** One thing that an update is asked about, in a sentence. */
export interface HealthReason {
  readonly about: HealthCheckId | "queue" | "deferred" | "bounced" | "rejected" | "probe";
  readonly sentence: string;
}

/** What a server told in its usual hours, each of about the length of a probe's figures. */
export type HealthBaseline = readonly HealthFigures[];
