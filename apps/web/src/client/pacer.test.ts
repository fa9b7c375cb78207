import { describe, expect, test } from "vitest";
import { createPacer } from "./pacer.ts";

/** A clock that stands until it is told to go on, and a question whose answers take as long as one says. */
function stage(answerMs: number) {
  let now = 0;
  let rest: { at: number; run: () => void } | null = null;
  let asked = 0;
  const pacer = createPacer(
    async () => {
      asked += 1;
      now += answerMs;
    },
    {
      now: () => now,
      after: (ms, run) => {
        rest = { at: now + ms, run };
        return () => {
          rest = null;
        };
      },
    },
  );
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    pacer,
    asked: () => asked,
    settle,
    rest: () => rest?.at ?? null,
    endRest: async () => {
      const { at, run } = rest ?? { at: now, run: () => {} };
      rest = null;
      now = at;
      run();
      await settle();
    },
  };
}

describe("a question that is asked at each change", () => {
  test("is asked at once and then rests in proportion to what its answer took", async () => {
    const short = stage(10);
    short.pacer.call();
    await short.settle();
    const long = stage(1000);
    long.pacer.call();
    await long.settle();
    expect([short.asked(), short.rest(), long.asked(), long.rest()]).toEqual([1, 50, 1, 5000]);
  });

  test("is asked once more for all changes that came meanwhile, and not without one", async () => {
    const at = stage(10);
    for (let change = 0; change < 20; change += 1) at.pacer.call();
    await at.settle();
    expect(at.asked()).toBe(1);
    await at.endRest();
    expect(at.asked()).toBe(2);
    await at.endRest();
    expect(at.asked()).toBe(2);
    at.pacer.call();
    await at.settle();
    expect(at.asked()).toBe(3);
  });

  test("is asked no more after it was stopped", async () => {
    const at = stage(10);
    at.pacer.call();
    at.pacer.call();
    await at.settle();
    at.pacer.stop();
    await at.endRest();
    expect(at.asked()).toBe(1);
  });
});
