/** What Home reads of the last jobs: far more than it shows, because most jobs of a quiet day change nothing. */
export const recentJobs = { limit: 60 } as const;
