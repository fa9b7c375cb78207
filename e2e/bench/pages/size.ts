/** How large the fleet is that pages are asked about. */
export interface FleetSize {
  /** Rows of the table of minutes. */
  readonly minuteRows: number;
  /** For how long hours and days reach back. */
  readonly hourDays: number;
  readonly dayDays: number;
  /** The largest organisation first. */
  readonly organisations: readonly {
    readonly tenants: number;
    readonly servers: number;
    readonly domains: number;
  }[];
}

/** What the product promises its pages for: a provider of managed mail with two smaller neighbours in the same database. */
export const promisedSize: FleetSize = {
  minuteRows: 100_000_000,
  hourDays: 31,
  dayDays: 90,
  organisations: [
    { tenants: 200, servers: 500, domains: 2000 },
    { tenants: 20, servers: 40, domains: 160 },
    { tenants: 3, servers: 5, domains: 20 },
  ],
};

/** A fleet of a few rows that is made the same way, for tests. */
export const tinySize: FleetSize = {
  minuteRows: 20_000,
  hourDays: 9,
  dayDays: 12,
  organisations: [
    { tenants: 3, servers: 4, domains: 8 },
    { tenants: 1, servers: 1, domains: 2 },
  ],
};
