/** What parts the levels. Shares of 1. */
export const reputationLimits = {
  /** Google's and Yahoo's rule for bulk senders: stay under the first, never reach the second. */
  complaintsRaised: 0.001,
  complaintsHigh: 0.003,
  unknownUsers: 0.1,
  deferred: 0.02,
  dmarcPassed: 0.98,
  /** A block or a throttling counts as of now for a day. */
  recentForMs: 24 * 3_600_000,
  /** Fewer messages than these do not earn a good name. */
  messagesMin: 100,
  /** Fewer than these are not even judged with the fleet: the verdict would be the fleet's alone. */
  likeFleetMin: 10,
  /** Days that a verdict looks back on. */
  windowDays: 7,
} as const;
