import { expect, test } from "vitest";
import { runInLots } from "./run-in-lots.ts";

test("ids are sent in lots, and how far it is is told after each", async () => {
  const told: number[] = [];
  const end = await runInLots(["a", "b", "c"], {
    lotMax: 2,
    send: async (lot) => lot.join(""),
    onProgress: (done) => told.push(done),
  });
  expect(end).toEqual({ results: ["ab", "c"], rest: [], error: null });
  expect(told).toEqual([2, 3]);
});

test("after a lot that failed nothing more is sent, and the rest is kept with it", async () => {
  const sent: string[] = [];
  const lost = new Error("no line");
  const end = await runInLots(["a", "b", "c", "d"], {
    lotMax: 1,
    send: async (lot) => {
      sent.push(...lot);
      if (lot[0] === "b") throw lost;
      return lot;
    },
    onProgress: () => {},
  });
  expect(end).toEqual({ results: [["a"]], rest: ["b", "c", "d"], error: lost });
  expect(sent).toEqual(["a", "b"]);
});
