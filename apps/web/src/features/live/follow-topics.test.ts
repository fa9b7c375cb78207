import { describe, expect, test } from "vitest";
import { followTopics, type TopicSource } from "./follow-topics.ts";
import { everyServer, type Topic, topicName } from "./topics.ts";

const a: Topic = { kind: "server", id: "0198c000-0000-7000-8000-000000000001" };
const b: Topic = { kind: "job", id: "0198c000-0000-7000-8000-000000000002" };

function source() {
  const handlers = new Map<string, (id: string) => void>();
  const hidden = new Set<string>();
  const closed: string[] = [];
  const abort = new AbortController();
  const given: TopicSource = {
    signal: abort.signal,
    subscribe: async (topic, onChange) => {
      handlers.set(topicName(topic), onChange);
      return { close: async () => void closed.push(topicName(topic)) };
    },
    mayTell: async (_topic, ids) => [...ids].some((id) => !hidden.has(id)),
  };
  const change = (topic: Topic, id = "") => handlers.get(topicName(topic))?.(id);
  return { given, closed, hidden, abort: () => abort.abort(), change };
}

describe("followTopics", () => {
  test("it greets only when every topic is listened to, then tells what changed", async () => {
    const { given, change } = source();
    const stream = followTopics([a, b], given);
    expect((await stream.next()).value).toEqual({ kind: "opened" });
    change(b);
    expect((await stream.next()).value).toEqual({ kind: "changed", topic: b });
  });

  test("a topic that changes often before it is read is told once", async () => {
    const { given, change } = source();
    const stream = followTopics([a, b], given);
    await stream.next();
    for (let times = 0; times < 1000; times += 1) change(a);
    change(b);
    expect((await stream.next()).value).toEqual({ kind: "changed", topic: a });
    expect((await stream.next()).value).toEqual({ kind: "changed", topic: b });
  });

  test("a change that the person may not see is not told, and hides none that they may", async () => {
    const { given, change, hidden } = source();
    hidden.add("strange");
    const stream = followTopics([b, everyServer], given);
    await stream.next();
    change(everyServer, "strange");
    change(b);
    expect((await stream.next()).value).toEqual({ kind: "changed", topic: b });
    change(everyServer, "strange");
    change(everyServer, "own");
    expect((await stream.next()).value).toEqual({ kind: "changed", topic: everyServer });
  });

  test("when the reader is gone it ends and stops listening", async () => {
    const { given, closed, abort } = source();
    const stream = followTopics([a, b], given);
    await stream.next();
    const waiting = stream.next();
    abort();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(closed).toEqual([topicName(a), topicName(b)]);
  });
});
