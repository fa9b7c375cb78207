import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseSyslogLine } from "../delivery/index.ts";
import { parseVerdictLine } from "../verdicts/index.ts";
import {
  addVerdict,
  assembleMessages,
  createTraceRecorder,
  limitToDomains,
  originalSender,
  type TracedVerdict,
  tellStory,
  tracedVerdict,
} from "./index.ts";

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

/** What Rspamd's rule kept of the mail of a log, where there is such a file beside it. */
function verdictsOf(name: string): TracedVerdict[] {
  const path = join(golden, `${name}.verdicts.jsonl`);
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  return lines.flatMap((line) => {
    const verdict = parseVerdictLine(line);
    if (verdict === null) throw new Error(`This is no verdict: ${line}`);
    return tracedVerdict(verdict) ?? [];
  });
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
  const verdicts = verdictsOf(name);
  const told = messagesOf(name).map((message) => ({
    queueId: message.queueId,
    ...tellStory(addVerdict(message, verdicts)),
  }));
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

describe("what Rspamd decided", () => {
  const [message] = messagesOf("forwarded");
  if (message === undefined) throw new Error("The log of a forwarded message holds none.");
  const [verdict] = verdictsOf("forwarded");
  if (verdict === undefined) throw new Error("No verdict is kept of it.");
  const at = (ms: number, score = 1) => ({ ...verdict, at: message.beganAt + ms, score });
  const scoreOf = (...verdicts: TracedVerdict[]) =>
    addVerdict(message, verdicts).events.flatMap((event) => (event.kind === "judged" ? event.score : []));

  test("is told of the message that had the queue id by then, and of no other", () => {
    expect(scoreOf(at(-3_600_000, 1), at(500, 2), at(3_600_000, 3))).toEqual([2]);
    expect(scoreOf(at(-3_600_000), at(3_600_000))).toEqual([]);
    expect(scoreOf({ ...at(500), queueId: "4dB3000009z4r" })).toEqual([]);
  });

  test("never stands before the message has come, though it knows whole seconds alone", () => {
    expect(addVerdict(message, [at(-900)]).events[0]).toMatchObject({ kind: "judged", at: message.beganAt });
  });

  test("of a rule that does not tell the queue id belongs to no story", () => {
    const line = readFileSync(join(golden, "forwarded.verdicts.jsonl"), "utf8");
    const told = parseVerdictLine(line.replace(/"queueId":"[^"]*",/, ""));
    expect(told !== null && tracedVerdict(told)).toBeNull();
  });
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
