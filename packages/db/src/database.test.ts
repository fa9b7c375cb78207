import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openTestDatabase, type TestDatabase } from "./testing/test-database.ts";

describe("a pool whose connections break", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.close());

  const breakConnections = async (): Promise<void> => {
    await database.admin.pool.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename <> current_user",
    );
  };

  it("fails the transaction that lost its connection between two statements, and nothing else", async () => {
    const lost = database.system.transaction(async (tx) => {
      await tx.execute(sql`select 1`);
      await breakConnections();
      // The break has arrived when the socket tells so, and until then this transaction asks nothing.
      await vi.waitFor(async () => {
        const { rows } = await database.admin.pool.query(
          "select 1 from pg_stat_activity where datname = current_database() and usename <> current_user",
        );
        expect(rows).toEqual([]);
      });
      await tx.execute(sql`select 2`);
    });
    await expect(lost).rejects.toThrow();
    expect((await database.system.query.execute(sql`select 3 as three`)).rows).toEqual([{ three: 3 }]);
  });

  it("gives back the connection of a transaction that could not begin", async () => {
    const client = await database.system.pool.connect();
    client.release();
    // The break comes with the answer to "begin", because nobody has read from the connection since.
    const broken = breakConnections();
    const transactions = Array.from({ length: 30 }, () =>
      database.system.transaction((tx) => tx.execute(sql`select 4`)),
    );
    await Promise.allSettled([broken, ...transactions]);
    await vi.waitFor(() => expect(database.system.pool.idleCount).toBe(database.system.pool.totalCount));
  });
});
