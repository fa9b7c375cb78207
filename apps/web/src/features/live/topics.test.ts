import { expect, test } from "vitest";
import { joinTopics } from "./topics.ts";

const a = { kind: "server", id: "0198c000-0000-7000-8000-000000000001" } as const;
const b = { kind: "job", id: "0198c000-0000-7000-8000-000000000002" } as const;

test("topics followed twice are joined to one, in an order that does not depend on who asked first", () => {
  expect(joinTopics([[a, b], [a]])).toEqual(joinTopics([[b], [a]]));
  expect(joinTopics([[a, b], [a]])).toHaveLength(2);
});
