import { Client } from "pg";
import { expect, onTestFinished, test } from "vitest";
import { findFreePort } from "../postgres/index.ts";
import { createTestDatabase } from "../postgres/testing.ts";
import { openDatabase, urlForRole } from "./database.ts";

test("a Postgres of the operator is used and is left running", async () => {
  const url = await testUrl();
  const database = await open(url);
  expect(database.adminUrl).toBe(url);
  await database.stop();
  await (await open(url)).stop();
});

test.each([
  [
    "a host that does not exist",
    (url: URL) => {
      url.hostname = "database.invalid";
    },
    /names the host database\.invalid, which does not resolve/,
  ],
  [
    "a wrong password",
    (url: URL) => {
      url.password = "wrong";
    },
    /refuses the user or the password of DATABASE_URL/,
  ],
  [
    "a wrong user",
    (url: URL) => {
      url.username = "nobody";
    },
    /refuses the user or the password of DATABASE_URL/,
  ],
  [
    "a database that does not exist",
    (url: URL) => {
      url.pathname = "/nothing";
    },
    /has no database "nothing"; create it/,
  ],
])("DATABASE_URL with %s is refused with one sentence", async (_what, change, sentence) => {
  const url = new URL(await testUrl());
  change(url);
  await expect(open(url.href)).rejects.toThrow(sentence);
  await expect(open(url.href)).rejects.toThrow(
    /^[^\n]+unset it to use the Postgres that Mailstead brings\.$/,
  );
});

test("DATABASE_URL with a port where nothing listens is refused with one sentence", async () => {
  const port = await findFreePort();
  await expect(open(`postgres://a:b@127.0.0.1:${port}/c`)).rejects.toThrow(
    `Nothing answers at 127.0.0.1:${port}, where DATABASE_URL leads`,
  );
});

test("a role that may not create roles is refused before migrations fail half way", async () => {
  const url = await testUrl();
  await query(url, "drop role if exists plain_login; create role plain_login login password 'x'");
  await expect(open(urlForRole(url, { role: "plain_login", password: "x" }))).rejects.toThrow(
    /may not create roles/,
  );
});

function open(databaseUrl: string) {
  return openDatabase({ databaseUrl, dataDir: "/nowhere" }, () => undefined);
}

async function testUrl(): Promise<string> {
  const database = await createTestDatabase({ key: "empty", prepare: async () => undefined });
  onTestFinished(database.drop);
  return database.url;
}

async function query(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}
