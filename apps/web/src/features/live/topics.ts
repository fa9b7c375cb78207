import { z } from "zod";

/** What a page may follow: one job with its story, one server, or everything of the organisation. */
export const topicSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("job"), id: z.uuid() }),
  z.object({ kind: z.literal("server"), id: z.uuid() }),
]);
export type Topic = z.infer<typeof topicSchema>;

export const topicsMax = 250;

export function topicName(topic: Topic): string {
  return `${topic.kind}:${topic.id}`;
}

/** The sorted union of what all parts of a page follow, each once, so that equal sets make equal subscriptions. */
export function joinTopics(lists: Iterable<readonly Topic[]>): readonly Topic[] {
  const byName = new Map<string, Topic>();
  for (const list of lists) for (const topic of list) byName.set(topicName(topic), topic);
  return [...byName.values()].sort((a, b) => (topicName(a) < topicName(b) ? -1 : 1)).slice(0, topicsMax);
}
