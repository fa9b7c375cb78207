import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseSyslogLine } from "../delivery/index.ts";
import { assembleMessages, createTraceRecorder, limitToDomains, originalSender, tellStory } from "./index.ts";

const golden = join(import.meta.dirname, "golden");
const stories = readdirSync(golden)
  .filter((name) => name.endsWith(".log"))
  .map((name) => name.replace(".log", ""));
const now = Date.parse("2026-11-20T14:00:00Z");

function linesOf(name: string): string[] {
  return readFileSync(join(golden, `${name}.log`), "utf8")
    .trimEnd()
    .split("\n");
}

/** Reads a log in pieces, as an agent does; `cut` says after how many lines each ends. */
function messagesOf(name: string, cut = Number.POSITIVE_INFINITY) {
  const changes = [];
  let recorder = createTraceRecorder();
  for (const [index, line] of linesOf(name).entries()) {
    const record = parseSyslogLine(line, now);
    if (record !== null) recorder.take(record);
    if ((index + 1) % cut !== 0) continue;
    const read = recorder.readChanges();
    changes.push(...read.changes);
    recorder = createTraceRecorder(read.sessions);
  }
  changes.push(...recorder.readChanges().changes);
  return assembleMessages(changes);
}

test.each(stories)("the story of %s is told as it was", async (name) => {
  const told = messagesOf(name).map((message) => ({ queueId: message.queueId, ...tellStory(message) }));
  await expect(`${JSON.stringify(told, null, 2)}\n`).toMatchFileSnapshot(join(golden, `${name}.golden`));
});

test.each(stories)("%s is remembered alike, wherever the reading of its log was cut", (name) => {
  const whole = messagesOf(name);
  for (let cut = 1; cut < linesOf(name).length; cut += 1) expect(messagesOf(name, cut)).toEqual(whole);
});

test.each([
  ["SRS0=k3Xy=4D=far.example=carl@mail.a.example", "carl@far.example"],
  ["srs0+k3Xy=4D=far.example=carl=x@mail.a.example", "carl=x@far.example"],
  ["SRS1=abcd=first.example==k3Xy=4D=far.example=carl@mail.a.example", "carl@far.example"],
  ["carl@far.example", null],
])("the sender before %s is %s", (address, before) => {
  expect(originalSender(address)).toBe(before);
});

describe("the people of a domain", () => {
  const see = (name: string, domain: string) =>
    messagesOf(name).flatMap((message) => limitToDomains(message, new Set([domain])) ?? []);

  test("see mail that was handed in with a sign-in of theirs, and mail to them", () => {
    expect(see("deferral", "a.example")).toHaveLength(1);
    expect(see("alias", "a.example")).toEqual(messagesOf("alias"));
    expect(see("refused", "a.example")).toHaveLength(1);
  });

  test("see nothing for having been written down as its sender", () => {
    expect(see("alias", "far.example")).toEqual([]);
    expect(see("refused", "far.example")).toEqual([]);
  });

  test("see of other people's mail only what became of their own recipients", () => {
    expect(see("bounce", "b.example")[0]?.events).toMatchObject([
      { kind: "attempt", to: "nobody@b.example" },
      { kind: "notified" },
    ]);
    expect(see("forwarded", "a.example")).toHaveLength(1);
  });
});

test("a person who sees all of a server sees every message", () => {
  for (const message of messagesOf("bounce")) expect(limitToDomains(message, null)).toBe(message);
});
