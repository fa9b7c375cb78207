import { expect, test } from "vitest";
import { concerns, everyRollout, everyServer, joinTopics, type Topic, topicsMax } from "./topics.ts";

const a = { kind: "server", id: "0198c000-0000-7000-8000-000000000001" } as const;
const b = { kind: "job", id: "0198c000-0000-7000-8000-000000000002" } as const;
const fleet = Array.from({ length: 10_000 }, (_, index) => ({
  kind: "server" as const,
  id: `0198c000-0000-7000-8000-${String(index).padStart(12, "0")}`,
}));

test("topics followed twice are joined to one, in an order that does not depend on who asked first", () => {
  expect(joinTopics([[a, b], [a]])).toEqual(joinTopics([[b], [a]]));
  expect(joinTopics([[a, b], [a]])).toHaveLength(2);
});

test("of more servers than a stream takes none is dropped: all are followed by one topic", () => {
  const joined = joinTopics([fleet, [b]]);
  expect(joined).toEqual([b, everyServer]);
  expect(fleet.every((server) => concerns(everyServer, server, joined))).toBe(true);
  expect(concerns(everyServer, b, joined)).toBe(false);
  expect(joinTopics([fleet.slice(0, topicsMax)])).toHaveLength(topicsMax);
});

test("a page of one server is told of that one only, also beside a list of all", () => {
  const joined: readonly Topic[] = joinTopics([[a], [everyServer]]);
  expect(concerns(a, a, joined)).toBe(true);
  expect(concerns(everyServer, a, joined)).toBe(false);
  expect(concerns(a, everyServer, joined)).toBe(false);
});

test("who follows DNS connections and publications is told of these alone, also beside a whole fleet", () => {
  const dns = { kind: "dns" } as const;
  expect(joinTopics([[...fleet, dns], [b]])).toEqual([dns, b, everyServer]);
  expect(concerns(dns, dns, [dns, a])).toBe(true);
  expect(concerns(dns, a, [dns, a])).toBe(false);
});

test("who follows rollouts is told of these alone, and goes on being told beside a whole fleet", () => {
  const joined = joinTopics([[...fleet, everyRollout], [b]]);
  expect(joined).toEqual([b, everyRollout, everyServer]);
  expect(concerns(everyRollout, everyRollout, joined)).toBe(true);
  expect(concerns(everyRollout, everyServer, joined)).toBe(false);
});
