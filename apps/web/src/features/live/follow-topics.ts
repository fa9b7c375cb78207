import { type Topic, topicName } from "./topics.ts";

export type LiveEvent = { kind: "opened" } | { kind: "changed"; topic: Topic };

export interface TopicSource {
  /** Calls back with the id of what changed below the topic, or "" when only the topic is known. */
  subscribe: (topic: Topic, onChange: (id: string) => void) => Promise<{ close: () => Promise<void> }>;
  /** Asked before a change is told: whether the person may hear of it. */
  mayTell: (topic: Topic, ids: ReadonlySet<string>) => Promise<boolean>;
  signal: AbortSignal;
}

interface Change {
  topic: Topic;
  ids: Set<string>;
}

/**
 * Yields a greeting once every topic is listened to, then each topic that changed. A topic that changes several times
 * before it is read is told once, which bounds what a slow reader can make us hold. Ends when the signal aborts.
 */
export async function* followTopics(
  topics: readonly Topic[],
  source: TopicSource,
): AsyncGenerator<LiveEvent, void> {
  const changed = new Map<string, Change>();
  let wake: (() => void) | null = null;
  const nudge = () => wake?.();
  source.signal.addEventListener("abort", nudge);
  const opening = topics.map((topic) =>
    source.subscribe(topic, (id) => {
      const change = changed.get(topicName(topic)) ?? { topic, ids: new Set() };
      changed.set(topicName(topic), change);
      change.ids.add(id);
      nudge();
    }),
  );
  try {
    await Promise.all(opening);
    yield { kind: "opened" };
    while (!source.signal.aborted) {
      const [next] = changed;
      if (next !== undefined) {
        const [name, { topic, ids }] = next;
        changed.delete(name);
        if (await source.mayTell(topic, ids)) yield { kind: "changed", topic };
        continue;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (source.signal.aborted) resolve();
      });
      wake = null;
    }
  } finally {
    source.signal.removeEventListener("abort", nudge);
    const opened = await Promise.allSettled(opening);
    await Promise.all(
      opened.map((result) => (result.status === "fulfilled" ? result.value.close() : undefined)),
    );
  }
}
