const hourMs = 3_600_000;

/**
 * When sending is no longer an account's own way. Each bound has a floor, because a person who writes three letters and
 * one day thirty has not been robbed.
 */
export const accountThresholds = {
  /** What is judged: long enough for a pattern, short enough to stop it. */
  windowMs: hourMs,
  /**
   * By the calendar, from the first sending: a week has both working days and a weekend in it, and before that nobody knows
   * what is usual. Days are not counted, because some send on six of them in two years.
   */
  newMs: 7 * 24 * hourMs,
  /** Recipients: more than a person writes to by hand in an hour. */
  volumeMin: 60,
  /** Times the busiest hour that was ever kept: holidays and month ends stay below. */
  volumeTimes: 5,
  /**
   * Recipients an hour of an account of which nothing says what is usual, as in its first week. No person writes to so
   * many by hand, and who brings a newsletter along is looked at and not held for that alone.
   */
  newVolumeMin: 200,
  /** Nearly all of a new account's recipients are new to it; who writes back and forth has fewer. */
  newFirstTimeShare: 0.9,
  /** Points of the spam filter at which its messages are marked as spam by most, where no usual is known to compare with. */
  newScoreMin: 6,
  /** Recipients that the account never wrote to: a stolen account is used with a bought list, which knows none of its own. */
  firstTimeMin: 40,
  firstTimeShare: 0.8,
  /** Networks that are new to the account within an hour: people move between two or three, robots between many. */
  newNetworksMin: 6,
  /** Refused for good: bought lists are old, and a fifth of dead addresses is far past any list that people tend. */
  bouncedMin: 20,
  bouncedShare: 0.2,
  /** Points of the spam filter above the account's usual: from plain letters to what most filters mark. */
  scoreRise: 5,
  scoredMin: 10,
  /** How long nothing odd must be seen until an alert ends by itself: people pause at night, and so do robots. */
  quietMs: 24 * hourMs,
} as const;

/** Bounds of what is kept of one account, so that no account grows without end. */
export const accountLimits = {
  partMs: 5 * 60_000,
  /** Days on which it sent. More than a month, so that who sends daily and a newsletter monthly has the last one in them. */
  daysKept: 35,
  recipientsKept: 2000,
  networksKept: 64,
} as const;
