import type { QueueActionName, QueueTarget } from "@mailstead/core/mail-queue";
import { beforeEach, describe, expect, test } from "vitest";
import { type Argv, type Host, realHost } from "../platform/host.ts";
import type { RunOptions } from "../platform/run-command.ts";
import { changeQueue } from "./change-queue.ts";
import { readQueue } from "./read-queue.ts";

const now = 1_800_000_000_000;
/** How long each command takes. */
let takesMs = 0;

interface Waiting {
  id: string;
  queue?: string;
  ageS?: number;
  from?: string;
  to?: string;
  reason?: string;
}

const refusedByGmail =
  "host gmail-smtp-in.l.google.com[192.0.2.26] said: 421-4.7.28 unusual rate of unsolicited mail";

let waiting: Waiting[];
let ran: { argv: Argv; input: string | undefined }[];
beforeEach(() => {
  ran = [];
  takesMs = 0;
  waiting = [
    { id: "4AAAA1", ageS: 50, reason: refusedByGmail, to: "bob@gmail.com" },
    { id: "4AAAA2", ageS: 90, queue: "hold", from: "eve@c.example" },
    { id: "4AAAA3", ageS: 10, queue: "active" },
  ];
});

/** Postfix's own commands, answered from what waits. */
const host: Host = {
  ...realHost(),
  nowUnixMs: () => now + ran.length * takesMs,
  async run(argv: Argv, { input, onLine }: RunOptions = {}) {
    ran.push({ argv, input });
    const [program, flag] = argv;
    if (program === "postqueue" && flag === "-j") for (const each of waiting) onLine?.(listed(each));
    const count = input?.trim().split("\n").length ?? 0;
    const stderr =
      program === "postsuper" ? `postsuper: Deleted: ${count} message${count === 1 ? "" : "s"}\n` : "";
    return { exitCode: 0, stdout: "", stderr, hasTimedOut: false };
  },
};

function listed({
  id,
  queue = "deferred",
  ageS = 0,
  from = "ann@a.example",
  to = "bob@b.example",
  reason,
}: Waiting) {
  return JSON.stringify({
    queue_name: queue,
    queue_id: id,
    arrival_time: now / 1000 - ageS,
    message_size: 100,
    sender: from,
    recipients: [{ address: to, ...(reason === undefined ? {} : { delay_reason: reason }) }],
  });
}

const read = (filter: object = {}, more: { skip?: number; limit?: number; visibleDomains?: string[] } = {}) =>
  readQueue(host, { filter, skip: 0, limit: 10, visibleDomains: null, ...more });
const change = (action: QueueActionName, target: QueueTarget, visibleDomains: string[] | null = null) =>
  changeQueue(host, { action, target, visibleDomains });
const selected = (...ids: string[]): QueueTarget => ({
  kind: "selected",
  messages: ids.map((queueId) => ({
    queueId,
    arrivedAt: now - (waiting.find(({ id }) => id === queueId)?.ageS ?? 0) * 1000,
  })),
});
const orders = () => ran.filter(({ argv }) => argv[1] !== "-j");

describe("a queue", () => {
  test("is read from its oldest message on, with what there is of it", async () => {
    expect(await read()).toMatchObject({
      readAt: now,
      total: 3,
      matching: 3,
      queues: [
        { name: "deferred", count: 1 },
        { name: "hold", count: 1 },
        { name: "active", count: 1 },
      ],
      providers: [{ name: "gmail", count: 1 }],
      categories: [{ name: "rate-limit", count: 1 }],
      domains: [
        { name: "a.example", count: 2 },
        { name: "b.example", count: 2 },
        { name: "gmail.com", count: 1 },
        { name: "c.example", count: 1 },
      ],
      messages: [{ queueId: "4AAAA2" }, { queueId: "4AAAA1" }, { queueId: "4AAAA3" }],
    });
    expect((await read({}, { skip: 1, limit: 1 })).messages.map(({ queueId }) => queueId)).toEqual([
      "4AAAA1",
    ]);
  });

  test("is read as far as it is meant, and as far as the person may see it", async () => {
    expect(await read({ provider: "gmail" })).toMatchObject({ total: 3, matching: 1 });
    expect(await read({}, { visibleDomains: ["c.example"] })).toMatchObject({ total: 1, matching: 1 });
  });

  test("that cannot be listed is said so", async () => {
    const broken: Host = {
      ...host,
      run: async () => ({ exitCode: 69, stdout: "", stderr: "mail system is down", hasTimedOut: false }),
    };
    await expect(readQueue(broken, { filter: {}, skip: 0, limit: 1, visibleDomains: null })).rejects.toThrow(
      "The mail queue could not be read: mail system is down",
    );
  });

  test("of fifty thousand messages gives the oldest", async () => {
    waiting = Array.from({ length: 50_000 }, (_, at) => ({
      id: `4B${at + 10_000}`,
      ageS: (at * 7919) % 50_000,
    }));
    const page = await read({}, { limit: 3 });
    expect(page.total).toBe(50_000);
    expect(page.messages.map(({ arrivedAt }) => (now - arrivedAt) / 1000)).toEqual([49_999, 49_998, 49_997]);
  });
});

describe("an order", () => {
  test.each<[QueueActionName, string[], string[]]>([
    ["hold", ["postsuper", "-h", "-"], ["4AAAA1", "4AAAA3"]],
    ["release", ["postsuper", "-H", "-"], ["4AAAA2"]],
    ["delete", ["postsuper", "-d", "-"], ["4AAAA1", "4AAAA2", "4AAAA3"]],
  ])("to %s goes to those that it can be done to", async (action, argv, ids) => {
    const outcome = await change(action, selected("4AAAA1", "4AAAA2", "4AAAA3"));
    expect(orders()).toEqual([{ argv, input: `${ids.join("\n")}\n` }]);
    expect(outcome).toEqual({ found: 3, changed: ids.length, notReached: 0 });
  });

  test("to retry asks Postfix for each that was put off", async () => {
    expect(await change("retry", selected("4AAAA1", "4AAAA3"))).toEqual({
      found: 2,
      changed: 1,
      notReached: 0,
    });
    expect(orders().map(({ argv }) => argv)).toEqual([["postqueue", "-i", "4AAAA1"]]);
  });

  test("to retry goes on as long as there is time, and says how many it did not come to", async () => {
    waiting = Array.from({ length: 5000 }, (_, at) => ({ id: `4B${at + 10_000}` }));
    const target: QueueTarget = { kind: "matching", filter: { arrivedUntil: now }, countMax: 5000 };
    expect(await change("retry", target)).toEqual({ found: 5000, changed: 5000, notReached: 0 });
    takesMs = 50;
    expect(await change("retry", target)).toEqual({ found: 5000, changed: 3000, notReached: 2000 });
  });

  test("never goes to another message that has the queue id now", async () => {
    const target = selected("4AAAA1");
    waiting[0] = { id: "4AAAA1", ageS: 1 };
    expect(await change("delete", target)).toEqual({ found: 0, changed: 0, notReached: 0 });
    expect(orders()).toEqual([]);
  });

  test("goes to nothing that the person may not see", async () => {
    expect(await change("delete", selected("4AAAA1", "4AAAA2"), ["c.example"])).toEqual({
      found: 1,
      changed: 1,
      notReached: 0,
    });
    expect(orders()[0]?.input).toBe("4AAAA2\n");
  });

  test("for all that match does nothing where more match than were agreed to", async () => {
    const target = (countMax: number): QueueTarget => ({
      kind: "matching",
      filter: { domain: "a.example", arrivedUntil: now },
      countMax,
    });
    await expect(change("delete", target(1))).rejects.toMatchObject({
      message: "Nothing was changed: 2 messages match now, and 1 were agreed to. Read the queue again.",
      retry: "permanent",
    });
    expect(orders()).toEqual([]);
    expect(await change("delete", target(2))).toEqual({ found: 2, changed: 2, notReached: 0 });
  });

  test("for all that match leaves what arrived after it was shown", async () => {
    const filter = { arrivedUntil: now - 60_000 };
    await change("hold", { kind: "matching", filter, countMax: 3 });
    await change("delete", { kind: "matching", filter, countMax: 3 });
    expect(orders().map(({ input }) => input)).toEqual(["4AAAA2\n"]);
  });
});
