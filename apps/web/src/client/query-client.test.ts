import { expect, test } from "vitest";
import { createQueryClient } from "./query-client.ts";

test("on the server a question that fails is asked once, so that no page waits for another no", async () => {
  let asked = 0;
  await createQueryClient().prefetchQuery({
    queryKey: ["refused"],
    queryFn: () => {
      asked += 1;
      throw new Error("Your role is technician; this needs the role admin.");
    },
  });
  expect(asked).toBe(1);
});
