import { type Topic, topicName } from "./topics.ts";

export type LiveEvent = { kind: "opened" } | { kind: "changed"; topic: Topic };

export interface TopicSource {
  subscribe: (topic: Topic, onChange: () => void) => Promise<{ close: () => Promise<void> }>;
  signal: AbortSignal;
}

/**
 * Yields a greeting once every topic is listened to, then each topic that changed. A topic that changes several times
 * before it is read is told once, which bounds what a slow reader can make us hold. Ends when the signal aborts.
 */
export async function* followTopics(
  topics: readonly Topic[],
  source: TopicSource,
): AsyncGenerator<LiveEvent, void> {
  const changed = new Map<string, Topic>();
  let wake: (() => void) | null = null;
  const nudge = () => wake?.();
  source.signal.addEventListener("abort", nudge);
  const opening = topics.map((topic) =>
    source.subscribe(topic, () => {
      changed.set(topicName(topic), topic);
      nudge();
    }),
  );
  try {
    await Promise.all(opening);
    yield { kind: "opened" };
    while (!source.signal.aborted) {
      const [next] = changed;
      if (next !== undefined) {
        changed.delete(next[0]);
        yield { kind: "changed", topic: next[1] };
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
