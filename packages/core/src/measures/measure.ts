import { z } from "zod";
import { type ProviderId, providers } from "../delivery/index.ts";

export const measureKinds = ["back-off", "throttle", "relay", "prefer-ipv4", "warm-up"] as const;

/** What a server can do about a provider; a warm-up is begun for an address and has one for each provider. */
export type MeasureKind = (typeof measureKinds)[number];

/** Providers that a measure can be about, in the order of their names. */
export const providerIdSchema = z.enum(Object.keys(providers) as [ProviderId, ...ProviderId[]]);

const connectionsMax = 20;
const secondsPerDay = 86_400;
const recipientsMax = 50;

/** How much of the mail to a provider leaves at once. */
export const routeLimitsSchema = z.object({
  /** Connections to the provider at the same time; none keeps its mail in the queue. */
  connectionsMax: z.int().min(0).max(connectionsMax),
  /** Between two messages to any domain of the provider; with it they leave one by one. */
  secondsBetweenMessages: z.int().min(0).max(secondsPerDay),
  recipientsPerMessageMax: z.int().min(1).max(recipientsMax),
});
export type RouteLimits = z.infer<typeof routeLimitsSchema>;

export const measuresMax = 100;
/** Servers on which one call starts a measure. */
export const measureServersMax = 200;

/** A measure as a host is told of it. */
export const targetMeasureSchema = z.object({
  id: z.uuid(),
  kind: z.enum(measureKinds),
  provider: providerIdSchema,
  /** Null where the measure says nothing of how much. */
  limits: routeLimitsSchema.nullable(),
});
export type TargetMeasure = z.infer<typeof targetMeasureSchema>;

/** All that holds for one provider. */
export interface ProviderRoute {
  readonly provider: ProviderId;
  /** Null where its mail leaves as all other does. */
  readonly limits: RouteLimits | null;
  readonly prefersIpv4: boolean;
  /** Whether its mail leaves through the server's standby smarthost. */
  readonly isRelayed: boolean;
}

/** One route for each provider that a measure is about, by name; of several limits the strictest counts. */
export function combineMeasures(measures: readonly TargetMeasure[]): readonly ProviderRoute[] {
  return [...Map.groupBy(measures, ({ provider }) => provider)]
    .map(([provider, own]) => ({
      provider,
      limits: own.map(({ limits }) => limits).reduce(stricter, null),
      prefersIpv4: own.some(({ kind }) => kind === "prefer-ipv4"),
      isRelayed: own.some(({ kind }) => kind === "relay"),
    }))
    .sort((a, b) => a.provider.localeCompare(b.provider));
}

function stricter(one: RouteLimits | null, other: RouteLimits | null): RouteLimits | null {
  if (one === null || other === null) return one ?? other;
  return {
    connectionsMax: Math.min(one.connectionsMax, other.connectionsMax),
    secondsBetweenMessages: Math.max(one.secondsBetweenMessages, other.secondsBetweenMessages),
    recipientsPerMessageMax: Math.min(one.recipientsPerMessageMax, other.recipientsPerMessageMax),
  };
}
