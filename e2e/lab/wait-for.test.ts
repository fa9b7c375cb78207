import { describe, expect, it } from "vitest";
import { waitFor } from "./wait-for.ts";

describe("waiting for a condition", () => {
  it("returns the first answer that is one, and takes errors as not yet", async () => {
    let asked = 0;
    const answer = await waitFor(
      "three",
      async () => {
        asked += 1;
        if (asked === 1) throw new Error("not there");
        return asked === 3 && asked;
      },
      { intervalMs: 1 },
    );
    expect(answer).toBe(3);
  });

  it("gives up with the name of what was waited for and the last error", async () => {
    const never = (): never => {
      throw new Error("refused");
    };
    await expect(waitFor("the door", never, { timeoutMs: 20, intervalMs: 1 })).rejects.toThrow(
      "Waited 0.02 s for the door: refused",
    );
  });

  it("does not outlast its time when the question itself hangs", async () => {
    const hanging = (): Promise<true> => new Promise(() => undefined);
    await expect(waitFor("nothing", hanging, { timeoutMs: 20 })).rejects.toThrow("Waited 0.02 s for nothing");
  });
});
