import type { ServiceContext } from "@mailstead/services/context";
import { findVisibleJobs } from "@mailstead/services/jobs";
import { findVisibleServers } from "@mailstead/services/servers";
import type { Topic } from "./topics.ts";

/** Drops what the person may not see, so that nobody learns when a stranger's server changes. */
export async function visibleTopics(
  services: ServiceContext,
  topics: readonly Topic[],
): Promise<readonly Topic[]> {
  const idsOf = (wanted: "job" | "server") =>
    topics.flatMap((topic) => (topic.kind === wanted ? [topic.id] : []));
  const [jobs, servers] = await Promise.all([
    findVisibleJobs(services, { jobIds: idsOf("job") }),
    findVisibleServers(services, { serverIds: idsOf("server") }),
  ]);
  return topics.filter(
    (topic) =>
      (topic.kind !== "job" && topic.kind !== "server") ||
      (topic.kind === "job" ? jobs : servers).has(topic.id),
  );
}

/**
 * Tells whether the person may see one of the servers that changed. All organisations share the wake-ups, so each
 * server is asked about once in a stream and the answer is kept.
 */
export function rememberVisibility(
  services: ServiceContext,
): (serverIds: ReadonlySet<string>) => Promise<boolean> {
  const known = new Map<string, boolean>();
  return async (serverIds) => {
    const unknown = [...serverIds].filter((id) => !known.has(id));
    if (unknown.length > 0) {
      const visible = await findVisibleServers(services, { serverIds: unknown });
      for (const id of unknown) known.set(id, visible.has(id));
    }
    return [...serverIds].some((id) => known.get(id));
  };
}
