import { afterAll, beforeAll, expect, it } from "vitest";
import { withTransaction } from "../context/index.ts";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import { makeTestOpener } from "../testing/test-opener.ts";
import { sealForWorker, storeSealingKey } from "./index.ts";

let t: ServiceTest;
beforeAll(async () => {
  t = await openServiceTest();
});
afterAll(() => t.close());

const seal = (text: string, purpose = "test") =>
  withTransaction(t.owner, (tx) => sealForWorker(tx, { purpose, text }));

it("nothing is sealed before a worker has said for whom", async () => {
  await expect(seal("x")).rejects.toMatchObject({ kind: "precondition-failed" });
});

it("the worker that started last opens what was sealed, for the same purpose only and unaltered", async () => {
  const [first, second] = [makeTestOpener(), makeTestOpener()];
  await storeSealingKey(t.system, first);
  t.clock.now = new Date(t.clock.now.getTime() + 1000);
  await storeSealingKey(t.system, second);
  const box = await seal("a secret é");
  expect(second.open("test", box)).toBe("a secret é");
  expect(() => second.open("another", box)).toThrow();
  expect(() => first.open("test", box)).toThrow();
  const bytes = Buffer.from(box, "base64");
  bytes.writeUInt8(bytes.readUInt8(50) ^ 1, 50);
  expect(() => second.open("test", bytes.toString("base64"))).toThrow();

  // A worker that comes back with the key it had before is sealed for again.
  t.clock.now = new Date(t.clock.now.getTime() + 1000);
  await storeSealingKey(t.system, first);
  expect(first.open("test", await seal("again"))).toBe("again");
});

it("two boxes of one text have nothing in common, and none holds the text", async () => {
  const boxes = await Promise.all([seal("one text"), seal("one text")]);
  expect(boxes[0]).not.toBe(boxes[1]);
  for (const box of boxes) expect(Buffer.from(box, "base64").toString("latin1")).not.toContain("one text");
});
