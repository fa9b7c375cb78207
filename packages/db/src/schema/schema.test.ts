import { getTableColumns, getTableName, is } from "drizzle-orm";
import { PgTable } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestDatabase, type TestDatabase } from "../testing/index.ts";
import * as schema from "./index.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

test("the drizzle schema says of every table and column what the migrations made", async () => {
  const { rows } = await database.admin.pool.query<{ line: string }>(`
    select format('%s.%s %s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
      case when a.attnotnull then ' not null' else '' end) as line
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0 and not a.attisdropped`);
  const drizzleTables = Object.values(schema).filter((value) => is(value, PgTable));
  const mirrored = drizzleTables.flatMap((table) =>
    Object.values(getTableColumns(table)).map(
      (column) =>
        `${getTableName(table)}.${column.name} ${column.getSQLType()}${column.notNull ? " not null" : ""}`,
    ),
  );
  expect(mirrored.sort()).toEqual(rows.map((row) => row.line).sort());
});
