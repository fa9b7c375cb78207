import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { closeStores, inTransaction, readFact, withStore, writeFact } from "./store.ts";

let path: string;
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), "mailstead-store-"));
  path = join(folder, "telemetry.sqlite");
  return () => rmSync(folder, { recursive: true });
});

const note = (value: string) => withStore(path, (database) => writeFact(database, "colour", value));
const noted = () => withStore(path, (database) => readFact(database, "colour"));

test("the store is the file that lies there now, also where it was taken away or another put in its place", async () => {
  await note("red");
  closeStores();
  renameSync(path, `${path}.red`);
  expect(await noted()).toBeNull();
  await note("blue");
  renameSync(`${path}.red`, path);
  expect(await noted()).toBe("red");
});

test("a store that was put in its place together with what SQLite had put aside for it loses nothing of that", async () => {
  await note("red");
  closeStores();
  await note("blue");
  const both = ["", "-wal"];
  for (const end of both) copyFileSync(`${path}${end}`, `${path}.kept${end}`);
  await note("green");
  for (const end of both) renameSync(`${path}.kept${end}`, `${path}${end}`);
  expect(await noted()).toBe("blue");
});

test("what was put aside for the store before goes with it, also where it lay there when it was opened", async () => {
  await note("red");
  closeStores();
  copyFileSync(path, `${path}.red`);
  expect(await noted()).toBe("red");
  await note("blue");
  expect(existsSync(`${path}-wal`)).toBe(true);
  renameSync(`${path}.red`, path);
  expect(await noted()).toBe("red");
});

test("after work that failed the store is opened anew and holds what was kept", async () => {
  await note("red");
  const failed = withStore(path, (database) => {
    database.exec("begin");
    writeFact(database, "colour", "green");
    throw new Error("the work failed");
  });
  await expect(failed).rejects.toThrow("the work failed");
  expect(await noted()).toBe("red");
});

test("work that SQLite has rolled back by itself is told by what went wrong", async () => {
  await note("red");
  const failed = withStore(path, (database) =>
    inTransaction(database, () => {
      writeFact(database, "colour", "green");
      database.exec("insert or rollback into facts values ('colour', 'blue')");
    }),
  );
  await expect(failed).rejects.toThrow("UNIQUE constraint failed");
  expect(await noted()).toBe("red");
});
