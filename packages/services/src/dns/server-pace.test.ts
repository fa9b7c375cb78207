import { expect, test } from "vitest";
import { questionsAtOnceMax, waitForTurn } from "./server-pace.ts";

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

test("one address is never asked more at once than the limit, and others do not wait for it", async () => {
  const busy = { address: "192.0.2.1", port: 53 };
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const ask = async (number: number) => {
    ends.push(await waitForTurn(busy));
    begun.push(number);
  };
  for (let number = 0; number < questionsAtOnceMax + 3; number += 1) void ask(number);
  await settle();
  expect(begun).toHaveLength(questionsAtOnceMax);
  const elsewhere = await waitForTurn({ address: "192.0.2.2", port: 53 });
  elsewhere();
  ends.shift()?.();
  await settle();
  expect(begun).toHaveLength(questionsAtOnceMax + 1);
  while (ends.length > 0) {
    ends.shift()?.();
    await settle();
  }
  expect(begun).toEqual(Array.from({ length: questionsAtOnceMax + 3 }, (_, number) => number));
});
