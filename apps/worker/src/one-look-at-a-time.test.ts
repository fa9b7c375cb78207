import { expect, test, vi } from "vitest";
import { oneLookAtATime } from "./one-look-at-a-time.ts";

/** Looks that each wait to be let go on. */
function makeLooks() {
  const open: ((end: "again" | "done" | Error) => void)[] = [];
  let atOnce = 0;
  return {
    open,
    async look(): Promise<"again" | "done"> {
      atOnce += 1;
      expect(atOnce).toBe(1);
      const end = await new Promise<"again" | "done" | Error>((resolve) => open.push(resolve));
      atOnce -= 1;
      if (end instanceof Error) throw end;
      return end;
    },
  };
}

const untilLooks = (open: readonly unknown[], count: number) =>
  vi.waitFor(() => expect(open).toHaveLength(count));

test("many wake-ups during a look are one look after it", async () => {
  const { open, look } = makeLooks();
  const looker = oneLookAtATime(look, () => undefined);
  for (let time = 0; time < 5; time += 1) looker.wake();
  await untilLooks(open, 1);
  looker.wake();
  looker.wake();
  open[0]?.("done");
  await untilLooks(open, 2);
  open[1]?.("done");
  await looker.close();
  expect(open).toHaveLength(2);
});

test("a look that left something is followed by another, and one that failed waits for the next wake-up", async () => {
  const { open, look } = makeLooks();
  const problems: unknown[] = [];
  const looker = oneLookAtATime(look, (problem) => problems.push(problem));
  looker.wake();
  await untilLooks(open, 1);
  open[0]?.("again");
  await untilLooks(open, 2);
  open[1]?.(new Error("down"));
  await vi.waitFor(() => expect(problems).toHaveLength(1));
  looker.wake();
  await untilLooks(open, 3);
  open[2]?.("done");
  await looker.close();
});

test("closing finishes the look in hand and begins no other", async () => {
  const { open, look } = makeLooks();
  const looker = oneLookAtATime(look, () => undefined);
  looker.wake();
  await untilLooks(open, 1);
  looker.wake();
  const closed = looker.close();
  open[0]?.("again");
  await closed;
  looker.wake();
  expect(open).toHaveLength(1);
});
