import { z } from "zod";

/**
 * What a page may follow: one job with its story, one server, every server that the person may see, the DNS
 * connections and publications of the person's organisation, or its rollouts.
 */
export const topicSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("job"), id: z.uuid() }),
  z.object({ kind: z.literal("server"), id: z.uuid() }),
  z.object({ kind: z.literal("servers") }),
  z.object({ kind: z.literal("dns") }),
  z.object({ kind: z.literal("rollouts") }),
]);
export type Topic = z.infer<typeof topicSchema>;

/** What a list follows: one topic, however long it is and whichever rows are in sight. */
export const everyServer = { kind: "servers" } as const satisfies Topic;

/** Rollouts and what becomes of their servers. */
export const everyRollout = { kind: "rollouts" } as const satisfies Topic;

export const topicsMax = 250;

export function topicName(topic: Topic): string {
  return topic.kind === "job" || topic.kind === "server" ? `${topic.kind}:${topic.id}` : topic.kind;
}

/**
 * The sorted union of what all parts of a page follow, each once, so that equal sets make equal subscriptions. More
 * servers than one stream takes are followed as all of them: told too often is right, not told is not.
 */
export function joinTopics(lists: Iterable<readonly Topic[]>): readonly Topic[] {
  const byName = new Map<string, Topic>();
  for (const list of lists) for (const topic of list) byName.set(topicName(topic), topic);
  const topics = [...byName.values()].sort((a, b) => (topicName(a) < topicName(b) ? -1 : 1));
  if (topics.length <= topicsMax) return topics;
  return [...topics.filter(({ kind }) => kind !== "server" && kind !== "servers"), everyServer];
}

/** Whether news of `changed` concern who follows `topic`, in a stream that follows `joined`. */
export function concerns(changed: Topic, topic: Topic, joined: readonly Topic[]): boolean {
  const name = topicName(topic);
  if (topicName(changed) === name) return true;
  return (
    changed.kind === "servers" &&
    topic.kind === "server" &&
    !joined.some((followed) => topicName(followed) === name)
  );
}
