import fc from "fast-check";
import { expect, test } from "vitest";
import { judgeHostConditions, type ToldHost } from "../servers/index.ts";
import { type HeldCondition, holdConditions } from "./hold-conditions.ts";

const start = new Date("2026-11-29T04:00:00Z");
const at = (minutes: number) => new Date(start.getTime() + minutes * 60_000);
const well: ToldHost = {
  services: [{ unit: "rspamd.service", state: "running", sinceUnixMs: 0 }],
  canReachPort25: true,
  hasValidatedDns: true,
  diskFreeBytes: 50e9,
  diskTotalBytes: 100e9,
  memoryTotalBytes: 8e9,
  memoryAvailableBytes: 4e9,
  queueSizeMessages: 3,
  queueOldestAtUnixMs: null,
  queueLateMessages: 0,
  queueUntakenMessages: 0,
  queueWaiting: [],
  isRebootRequired: false,
  dkimKeysGone: [],
};
const down: Partial<ToldHost> = {
  services: [{ unit: "rspamd.service", state: "failed", sinceUnixMs: start.getTime() }],
};
const disk = (free: number): Partial<ToldHost> => ({ diskFreeBytes: free * 1e9 });
type Told = Partial<ToldHost> | null;

/** Goes on from look to look, and says what is open after the last one. */
function follow(looks: readonly (readonly [minutes: number, told: Told])[]) {
  let held: HeldCondition[] = [];
  let open = new Map<string, string>();
  for (const [minutes, told] of looks) {
    const host = told === null ? null : { ...well, ...told };
    const conditions =
      host === null ? [] : judgeHostConditions({ host, hasRelayForAll: false, isInstalled: true });
    const plan = holdConditions(held, { conditions, host }, at(minutes));
    held = plan.held;
    open = new Map([
      ...[...open].filter(([key]) => plan.unseen(key)),
      ...plan.found.map(({ key, severity }) => [key, severity] as const),
    ]);
  }
  return [...open].map(([key, severity]) => `${severity} ${key}`);
}
const isDown = ["error condition-service-down rspamd.service"];

test.each<[string, (readonly [number, Told])[], string[]]>([
  [
    "a service that restarts for a moment is told to nobody",
    [
      [0, down],
      [3, {}],
      [11, {}],
    ],
    [],
  ],
  [
    "one that stays down is told once that has lasted",
    [
      [0, down],
      [9, down],
    ],
    [],
  ],
  [
    "and then it is",
    [
      [0, down],
      [10, down],
    ],
    isDown,
  ],
  [
    "a service that comes and goes does not add up",
    [
      [0, down],
      [6, {}],
      [9, down],
      [15, {}],
      [18, down],
    ],
    [],
  ],
  [
    "one that was told, and runs for a moment, is not over",
    [
      [0, down],
      [10, down],
      [13, {}],
      [16, down],
    ],
    isDown,
  ],
  [
    "nor is it over at once",
    [
      [0, down],
      [10, down],
      [13, {}],
      [22, {}],
    ],
    isDown,
  ],
  [
    "it is once it has run for as long",
    [
      [0, down],
      [10, down],
      [13, {}],
      [23, {}],
    ],
    [],
  ],
  [
    "a host that went down while its services ended, and is starting them, has told of nothing that lasted",
    [
      [0, down],
      [3, null],
      [900, down],
      [903, {}],
    ],
    [],
  ],
  [
    "nor has it before they have had time",
    [
      [0, down],
      [3, null],
      [900, down],
    ],
    [],
  ],
  [
    "a host that fell silent settles nothing",
    [
      [0, down],
      [10, down],
      [13, null],
      [9_000, null],
    ],
    isDown,
  ],
  [
    "and begins nothing",
    [
      [0, null],
      [60, null],
    ],
    [],
  ],
  [
    "what it says when it is back counts",
    [
      [0, down],
      [10, down],
      [13, null],
      [600, {}],
      [610, {}],
    ],
    [],
  ],
  [
    "a disk with little room is a warning",
    [
      [0, disk(29)],
      [10, disk(29)],
    ],
    ["warning condition-disk-full disk"],
  ],
  [
    "with less it is an error",
    [
      [0, disk(9)],
      [10, disk(9)],
    ],
    ["error condition-disk-full disk"],
  ],
  [
    "a disk that ran on is an error once that has lasted too",
    [
      [0, disk(29)],
      [10, disk(29)],
      [13, disk(14)],
      [22, disk(14)],
    ],
    ["warning condition-disk-full disk"],
  ],
  [
    "and then it is",
    [
      [0, disk(29)],
      [10, disk(29)],
      [13, disk(14)],
      [23, disk(14)],
    ],
    ["error condition-disk-full disk"],
  ],
  [
    "a disk that hovers at a level keeps the worse one",
    [
      [0, disk(14)],
      [10, disk(14)],
      [13, disk(16)],
      [16, disk(14)],
      [19, disk(16)],
    ],
    ["error condition-disk-full disk"],
  ],
  [
    "and goes back to the better one once it has stayed there",
    [
      [0, disk(14)],
      [10, disk(14)],
      [13, disk(16)],
      [23, disk(16)],
    ],
    ["warning condition-disk-full disk"],
  ],
  [
    "a port that one try found closed is tried again first",
    [
      [0, { canReachPort25: false }],
      [30, {}],
      [45, {}],
    ],
    [],
  ],
  [
    "a port that is tried no more neither begins nor ends",
    [
      [0, { canReachPort25: false }],
      [40, { canReachPort25: false }],
      [50, { canReachPort25: null }],
      [900, { canReachPort25: null }],
    ],
    ["error condition-port-25-blocked port 25"],
  ],
])("%s", (_name, looks, open) => {
  expect(follow(looks)).toEqual(open);
});

test("what an agent tells twice is one", () => {
  const key = "s1._domainkey.a.example";
  const told = { dkimKeysGone: [key, key.toUpperCase()] };
  expect(
    follow([
      [0, told],
      [10, told],
    ]),
  ).toEqual([`error condition-dkim-key-gone ${key}`]);
});

test("whatever comes between, nothing is told that was seen once, and what has lasted is told or over", () => {
  const last = (states: readonly string[], state: string) =>
    states.length >= 5 && states.slice(-5).every((one) => one === state);
  fc.assert(
    fc.property(fc.array(fc.constantFrom("down", "up", "silent"), { maxLength: 40 }), (states) => {
      const told = { down, up: {}, silent: null };
      const isOpen = follow(states.map((state, index) => [index * 3, told[state]])).length > 0;
      if (!states.join(" ").includes("down down")) expect(isOpen).toBe(false);
      if (last(states, "down")) expect(isOpen).toBe(true);
      if (last(states, "up")) expect(isOpen).toBe(false);
    }),
  );
});
