import { z } from "zod";

/** What a rollout brings to its servers. */
export const rolloutKindSchema = z.enum(["packages", "reboots", "agents", "configurations"]);
export type RolloutKind = z.infer<typeof rolloutKindSchema>;

/**
 * `halted`: nothing new starts until a person resumes, what runs is brought to its end. `stopping`: the same, and then it is
 * over. `rolling-back`: what was changed goes back.
 */
export const rolloutStates = [
  "running",
  "halted",
  "stopping",
  "rolling-back",
  "finished",
  "stopped",
  "rolled-back",
] as const;
export type RolloutState = (typeof rolloutStates)[number];
export const endedRolloutStates: readonly RolloutState[] = ["finished", "stopped", "rolled-back"];

export const memberStates = [
  "waiting",
  /** Its health is looked at before anything changes. */
  "checking",
  "applying",
  "verifying",
  "baking",
  /** Its health is looked at once more, after the bake time. */
  "rechecking",
  "restoring",
  "succeeded",
  /** The change was bad there, and what was before is back. */
  "restored",
  "failed",
  /** It did not answer in its time: it may have changed or not. */
  "unknown",
  "left-out",
] as const;
export type MemberState = (typeof memberStates)[number];

/** States in which the server is in the middle of its change, so that its stand-ins must not be. */
export const inFlightStates: readonly MemberState[] = ["checking", "applying", "verifying", "restoring"];
/** States that a server stays in unless a person does something, or an answer still comes. */
export const settledStates: readonly MemberState[] = [
  "succeeded",
  "restored",
  "failed",
  "unknown",
  "left-out",
];
/** States that count against the rollout. */
export const badStates: readonly MemberState[] = ["restoring", "restored", "failed", "unknown"];
/** States in which the change is on the server. */
export const changedStates: readonly MemberState[] = [
  "verifying",
  "baking",
  "rechecking",
  "succeeded",
  "unknown",
];

const minute = 60_000;
const hour = 60 * minute;

export const waveSettingsSchema = z.object({
  /** Share of all servers that this wave and those before it take in, of 1; the canary has none. */
  share: z.number().gt(0).max(1),
  /** How long a server has to stay well before it counts as proven. */
  bakeTimeMs: z
    .int()
    .nonnegative()
    .max(7 * 24 * hour),
  /** Whether a person has to say yes before the wave starts. */
  needsApproval: z.boolean(),
});
export type WaveSettings = z.infer<typeof waveSettingsSchema>;

export const rolloutSettingsSchema = z
  .object({
    canary: waveSettingsSchema.omit({ share: true }).extend({
      /** How many servers prove each version at least, where so many have it. */
      serversMin: z.int().min(1).max(20),
    }),
    waves: z.array(waveSettingsSchema).min(1).max(10),
    /** How many servers may be in the middle of their change at once. */
    inFlightMax: z.int().min(1).max(1_000),
    /** How many may fail, fall silent or stay unknown over the whole rollout before it halts; one canary always does. */
    badMax: z.int().nonnegative().max(10_000),
    /** Servers that are not well afterwards get their former versions back by themselves. */
    restoresBad: z.boolean(),
    /** Mail is tried before and after; without it only the exit of the package work counts. */
    checksMail: z.boolean(),
    /** How long servers that are away, or whose window is closed, are waited for. */
    catchUpForMs: z
      .int()
      .min(hour)
      .max(60 * 24 * hour),
  })
  .superRefine(({ waves }, ctx) => {
    for (const [at, wave] of waves.entries())
      if (wave.share <= (waves[at - 1]?.share ?? 0))
        ctx.addIssue({
          code: "custom",
          path: ["waves", at, "share"],
          message: "Each wave takes in more than the one before.",
        });
    if (waves.at(-1)?.share !== 1)
      ctx.addIssue({
        code: "custom",
        path: ["waves"],
        message: "The last wave takes in all servers: 100 %.",
      });
  });
export type RolloutSettings = z.infer<typeof rolloutSettingsSchema>;

/** What a rollout does when nobody says otherwise. */
export const defaultRolloutSettings: RolloutSettings = {
  canary: { serversMin: 1, bakeTimeMs: 15 * minute, needsApproval: false },
  waves: [
    { share: 0.05, bakeTimeMs: 15 * minute, needsApproval: false },
    { share: 0.25, bakeTimeMs: 15 * minute, needsApproval: false },
    { share: 1, bakeTimeMs: 5 * minute, needsApproval: false },
  ],
  inFlightMax: 20,
  badMax: 2,
  restoresBad: true,
  checksMail: true,
  catchUpForMs: 14 * 24 * hour,
};

/** Settings of the wave by its number; 0 is the canary. */
export function waveAt(
  { canary, waves }: RolloutSettings,
  wave: number,
): Pick<WaveSettings, "bakeTimeMs" | "needsApproval"> {
  return wave === 0 ? canary : (waves[wave - 1] ?? { bakeTimeMs: 0, needsApproval: false });
}
