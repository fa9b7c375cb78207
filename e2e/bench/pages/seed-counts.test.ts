import { foldCounts, type PeriodCount } from "@mailstead/core/delivery";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openFleet, type SeededFleet } from "./open-fleet.ts";
import { tinySize } from "./size.ts";

let fleet: SeededFleet;
let admin: Client;

beforeAll(async () => {
  fleet = await openFleet(tinySize, { folder: null, log: () => undefined });
  admin = new Client({ connectionString: fleet.adminUrl });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await fleet.close();
});

interface Row extends Omit<PeriodCount, "startsAt"> {
  readonly serverId: string;
  readonly at: Date;
}

const columns = `server_id as "serverId", starts_at as at, direction, domain, sending_address as "sendingAddress", provider, status,
  category, attempts::float8, first_attempts::float8 as "firstAttempts", over_tls::float8 as "overTls",
  size_bytes::float8 as "sizeBytes", latencies`;

async function read(table: string): Promise<readonly Row[]> {
  return (await admin.query<Row>(`select ${columns} from ${table}`)).rows;
}

const hourMs = 3_600_000;

test.each([
  ["delivery_hours", hourMs],
  ["delivery_days", 24 * hourMs],
])("the fleet's %s are what the product makes of its minutes", async (table, periodMs) => {
  const minutes = await read("delivery_minutes");
  const first = Math.min(...minutes.map(({ at }) => at.getTime()));
  const lines = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort();
  const folded = [...Map.groupBy(minutes, ({ serverId }) => serverId)].flatMap(([serverId, own]) =>
    foldCounts(
      own.map(({ serverId: _server, at, ...count }) => ({ ...count, startsAt: at.getTime() })),
      periodMs,
    ).map((count) => inOrder({ serverId, ...count })),
  );
  const kept = (await read(table))
    .filter(({ at }) => at.getTime() >= first - (first % (24 * hourMs)))
    .map(({ at, ...count }) => inOrder({ ...count, startsAt: at.getTime() }));
  expect(kept.length).toBeGreaterThan(100);
  expect(lines(kept)).toEqual(lines(folded));
});

/** The same names in the same order, so that equal rows are equal text. */
function inOrder(row: Readonly<Record<string, unknown>>): unknown {
  return Object.entries(row)
    .map(([name, value]) => [
      name,
      value !== null && typeof value === "object" ? Object.entries(value).sort() : value,
    ])
    .sort();
}
