import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type HighWaterMark,
  noHighWaterMark,
  raiseHighWaterMark,
  supersededProblem,
} from "./high-water-mark.ts";
import type { JobOrder } from "./signed-job.ts";

type Order = Pick<JobOrder, "serverId" | "verb" | "sequence" | "args">;
const serverId = "0198a5e0-0000-7000-8000-00000000000a";
const converge = (sequence: number, targetRevision: number): Order => ({
  serverId,
  verb: "converge",
  sequence,
  args: { targetRevision, targetDigest: "0".repeat(64), revertsDrift: false },
});
const sync = (sequence: number, epoch: number, revision: number): Order => ({
  serverId,
  verb: "sync-directory",
  sequence,
  args: { epoch, revision, chain: "" },
});
const after = (...orders: Order[]) => orders.reduce(raiseHighWaterMark, noHighWaterMark);

describe("an order is superseded", () => {
  it.each([
    ["a lower number", after(converge(5, 3)), converge(4, 4)],
    ["a lower number of another verb", after(converge(5, 3)), sync(4, 1, 1)],
    ["a lower revision under a higher number", after(converge(5, 3)), converge(6, 2)],
    ["a lower revision of the directory", after(sync(5, 1, 9)), sync(6, 1, 8)],
    ["an older epoch of the directory", after(sync(5, 2, 0)), sync(6, 1, 100)],
  ])("by %s", (_what, mark, order) => {
    expect(supersededProblem(mark, order)).toMatch(/^the job /);
  });
});

describe("an order is not superseded", () => {
  it.each([
    ["the first one", noHighWaterMark, converge(1, 1)],
    ["the same revision again", after(converge(5, 3)), converge(6, 3)],
    ["a new epoch that starts over", after(sync(5, 1, 9)), sync(6, 2, 0)],
    ["an older diagnostic", after(converge(5, 3)), { ...converge(4, 1), verb: "preview" as const }],
    [
      "one for the server that the host has become",
      after(converge(5, 3)),
      { ...converge(1, 1), serverId: "0198a5e0-0000-7000-8000-00000000000b" },
    ],
  ])("when it is %s", (_what, mark, order) => {
    expect(supersededProblem(mark, order)).toBeNull();
  });
});

it("never goes back, in whatever order orders arrive", () => {
  const orders = fc.array(
    fc.oneof(
      fc.tuple(fc.nat(20), fc.nat(9)).map(([sequence, revision]) => converge(sequence + 1, revision + 1)),
      fc
        .tuple(fc.nat(20), fc.nat(3), fc.nat(9))
        .map(([sequence, epoch, revision]) => sync(sequence + 1, epoch + 1, revision)),
    ),
  );
  const height = ({ sequence, targetRevision, directory }: HighWaterMark) =>
    [sequence, targetRevision, directory.epoch * 100 + directory.revision] as const;
  fc.assert(
    fc.property(orders, (arriving) => {
      let mark = noHighWaterMark;
      for (const order of arriving) {
        if (supersededProblem(mark, order) !== null) continue;
        const next = raiseHighWaterMark(mark, order);
        for (const [index, value] of height(next).entries())
          expect(value).toBeGreaterThanOrEqual(height(mark)[index] ?? 0);
        expect(supersededProblem(next, order)).toBeNull();
        mark = next;
      }
    }),
  );
});
