import type { ProviderId } from "../delivery/index.ts";

/**
 * Messages a day to one provider, stage by stage. Twice as many each time is what the large senders' own plans do;
 * Microsoft asks for "a couple of weeks", so its steps are smaller and more.
 */
const doubling = [50, 100, 200, 400, 800, 1600, 3200] as const;
const slowly = [50, 75, 110, 170, 250, 380, 570, 850, 1300, 2000] as const;

/** Providers that watch new addresses, and the stages of each. A provider that is not named takes mail at once. */
export const warmUpStages = {
  gmail: doubling,
  outlook: slowly,
  microsoft365: slowly,
  yahoo: doubling,
  apple: doubling,
  gmx: doubling,
  "t-online": doubling,
} as const satisfies Partial<Record<ProviderId, readonly number[]>>;

export type WarmUpProvider = keyof typeof warmUpStages;

/** The providers of a warm-up, as a page lists them. */
export const warmUpProviders = Object.keys(warmUpStages) as readonly WarmUpProvider[];
