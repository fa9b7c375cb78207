import type { HealthCheckId, HealthFigures, RecentAttempts } from "./mail-health.ts";

/** One thing that an update is asked about, in a sentence. */
export interface HealthReason {
  readonly about: HealthCheckId | "queue" | "deferred" | "bounced" | "rejected" | "probe";
  readonly sentence: string;
}

/** Attempts of a window in usual hours; what was refused at the door is not always known. */
export type UsualAttempts = Omit<RecentAttempts, "rejected"> & Partial<Pick<RecentAttempts, "rejected">>;

/** What a server did in its usual hours. */
export type HealthBaseline = readonly (Pick<HealthFigures, "queueMessages"> & {
  readonly recent: UsualAttempts | null;
})[];
