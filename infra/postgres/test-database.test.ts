import { Client } from "pg";
import { expect, test } from "vitest";
import { createTestDatabase, type DatabaseTemplate } from "./test-database.ts";

const template: DatabaseTemplate = {
  key: `harness${process.pid}`,
  async prepare(url) {
    await query(url, "create table letters (body text); insert into letters values ('prepared')");
  },
};

test("each test database starts as a copy of the template and shares nothing with the others", async () => {
  const [first, second] = await Promise.all([createTestDatabase(template), createTestDatabase(template)]);
  await query(first.url, "insert into letters values ('only in the first')");
  expect(await query(first.url, "select body from letters order by 1")).toEqual([
    { body: "only in the first" },
    { body: "prepared" },
  ]);
  expect(await query(second.url, "select body from letters")).toEqual([{ body: "prepared" }]);
  await Promise.all([first.drop(), second.drop()]);
});

test("a dropped test database is gone although a connection was still open", async () => {
  const database = await createTestDatabase(template);
  const forgotten = new Client({ connectionString: database.url });
  forgotten.on("error", () => undefined);
  await forgotten.connect();
  await database.drop();
  await expect(query(database.url, "select 1")).rejects.toThrow(/does not exist/);
});

test("a template key that could break out of its SQL name is refused", async () => {
  await expect(createTestDatabase({ ...template, key: "x; drop database postgres" })).rejects.toThrow(
    /template key/,
  );
});

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
