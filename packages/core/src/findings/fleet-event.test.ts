import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type ActiveServer,
  type FleetSight,
  findFleetEvent,
  fleetWindowMs,
  type StruckServer,
} from "./fleet-event.ts";

const at = Date.parse("2026-11-20T10:40:00Z");
const minuteMs = 60_000;
const server = (n: number, values: Partial<StruckServer> = {}): StruckServer => ({
  serverId: `s${n}`,
  tenantId: `t${n % 4}`,
  network: `n${n % 5}`,
  beganAt: at + n * minuteMs,
  changedAt: null,
  ...values,
});
const many = (count: number, values: Partial<StruckServer> = {}) =>
  Array.from({ length: count }, (_, n) => server(n, values));
const sight = (values: Partial<FleetSight>): FleetSight => ({
  struck: [],
  active: values.struck ?? [],
  baseline: { beginnings: 0, days: 14 },
  open: [],
  ...values,
});
const spared = (count: number, values: Partial<ActiveServer> = {}): ActiveServer[] =>
  Array.from({ length: count }, (_, n) => ({ ...server(100 + n), ...values }));

test("many servers that are refused within an hour are one event, which began with the first", () => {
  const struck = many(14);
  expect(findFleetEvent(sight({ struck, active: [...struck, ...spared(2)] }))).toEqual({
    serverIds: struck.map(({ serverId }) => serverId),
    beganAt: at,
    cause: "their-change",
    activeServers: 16,
  });
});

test("two of different customers are one where they begin within a quarter of an hour", () => {
  expect(findFleetEvent(sight({ struck: many(2) }))).toMatchObject({
    serverIds: ["s0", "s1"],
    beganAt: at,
    cause: "unknown",
  });
  const usual = { beginnings: 100, days: 14 };
  expect(findFleetEvent(sight({ struck: many(2), baseline: usual }))).toBeNull();
});

test("two of one customer are none, nor two half an hour apart, nor three on different days", () => {
  expect(findFleetEvent(sight({ struck: many(2, { tenantId: "x" }) }))).toBeNull();
  const later = [server(0), server(30)].map((one, n) => ({ ...one, tenantId: `t${n}` }));
  expect(findFleetEvent(sight({ struck: later }))).toBeNull();
  const apart = many(3).map((one, n) => ({ ...one, beganAt: at + n * 24 * fleetWindowMs }));
  expect(findFleetEvent(sight({ struck: apart }))).toBeNull();
});

test("three at once are none where that is how it always is", () => {
  const usual = { beginnings: 300, days: 14 };
  expect(findFleetEvent(sight({ struck: many(3), baseline: usual }))).toBeNull();
  expect(findFleetEvent(sight({ struck: many(12), baseline: usual }))).not.toBeNull();
});

test.each<[string, StruckServer[], ActiveServer[], string]>([
  ["most of a fleet that has nothing in common is the receiver's doing", many(10), spared(1), "their-change"],
  ["a small part of it may be anybody's", many(3), spared(20), "unknown"],
  [
    "servers of one network, and no other of it, point to the network",
    many(4, { network: "x" }),
    spared(9),
    "our-network",
  ],
  [
    "servers of one customer, and no other of it, point to the customer",
    many(4, { tenantId: "x" }),
    spared(9),
    "our-customer",
  ],
  [
    "servers that were all changed before, and no other, point to the change",
    many(4, { changedAt: at - 30 * minuteMs }),
    spared(9),
    "our-change",
  ],
  [
    "a change that those without trouble had as well is not blamed",
    many(4, { changedAt: at - 30 * minuteMs }),
    spared(9, { changedAt: at - 30 * minuteMs }),
    "unknown",
  ],
  [
    "a fleet of one customer in one network tells nothing apart",
    many(4, { tenantId: "x", network: "x" }),
    [],
    "unknown",
  ],
])("%s", (_name, struck, rest, cause) => {
  expect(findFleetEvent(sight({ struck, active: [...struck, ...rest] }))?.cause).toBe(cause);
});

test("an open event takes in who is struck later, not who was before, and ends when hardly one is left", () => {
  const open = ["s0", "s1", "s2"];
  const later = server(9, { beganAt: at + 5 * fleetWindowMs });
  const earlier = server(8, { beganAt: at - 5 * fleetWindowMs });
  expect(findFleetEvent(sight({ struck: [...many(3), later, earlier], open }))?.serverIds).toEqual([
    ...open,
    "s9",
  ]);
  expect(findFleetEvent(sight({ struck: many(2), open }))?.serverIds).toEqual(["s0", "s1"]);
  expect(findFleetEvent(sight({ struck: many(1), open }))).toBeNull();
});

const fleet = fc.array(
  fc.record({
    minute: fc.integer({ min: 0, max: 3000 }),
    tenant: fc.integer({ min: 0, max: 3 }),
    network: fc.integer({ min: 0, max: 3 }),
    isStruck: fc.boolean(),
  }),
  { maxLength: 40 },
);

test("whatever the fleet, an event holds three or more that began within an hour, or two customers, in whatever order they are told", () => {
  fc.assert(
    fc.property(fleet, fc.integer({ min: 0, max: 500 }), (told, beginnings) => {
      const all = told.map(({ minute, tenant, network, isStruck }, n) => ({
        ...server(n, { tenantId: `t${tenant}`, network: `n${network}`, beganAt: at + minute * minuteMs }),
        isStruck,
      }));
      const struck = all.filter(({ isStruck }) => isStruck);
      const asked = sight({ struck, active: all, baseline: { beginnings, days: 14 } });
      const event = findFleetEvent(asked);
      const reversed = findFleetEvent({
        ...asked,
        struck: [...struck].reverse(),
        active: [...all].reverse(),
      });
      expect(reversed === null).toBe(event === null);
      if (event === null || reversed === null) return;
      expect(reversed.cause).toBe(event.cause);
      expect(new Set(reversed.serverIds)).toEqual(new Set(event.serverIds));
      const members = struck.filter(({ serverId }) => event.serverIds.includes(serverId));
      expect(members.length).toBeGreaterThanOrEqual(2);
      if (members.length === 2) expect(new Set(members.map(({ tenantId }) => tenantId)).size).toBe(2);
      const times = members.map(({ beganAt }) => beganAt);
      expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(fleetWindowMs);
      if (event.cause === "their-change")
        expect(event.serverIds.length * 2).toBeGreaterThan(event.activeServers);
    }),
  );
});
