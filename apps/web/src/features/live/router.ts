import { jobChannel, serverChannel } from "@mailstead/services/bus";
import { ServiceError } from "@mailstead/services/context";
import { getJob } from "@mailstead/services/jobs";
import { getServer } from "@mailstead/services/servers";
import { TRPCError } from "@trpc/server";
import { z } from "zod";
import { backend } from "../../server/backend.ts";
import type { Member } from "../../server/request-context.ts";
import { shutdownSignal } from "../../server/shutdown.ts";
import { memberProcedure, router } from "../../server/trpc.ts";
import { followTopics } from "./follow-topics.ts";
import { type Topic, topicSchema, topicsMax } from "./topics.ts";

export const liveRouter = router({
  /** The tab's one stream: it greets, then names each topic that changed. It carries no content, so nothing can be missed for good. */
  follow: memberProcedure
    .input(z.object({ topics: z.array(topicSchema).max(topicsMax) }))
    .subscription(async function* ({ ctx, input, signal }) {
      const visible = await visibleTopics(ctx.services, input.topics);
      const bus = await backend().bus();
      const shutdown = shutdownSignal();
      yield* followTopics(visible, {
        subscribe: (topic, onChange) =>
          bus.subscribe(topic.kind === "job" ? jobChannel(topic.id) : serverChannel(topic.id), onChange),
        signal: signal === undefined ? shutdown : AbortSignal.any([signal, shutdown]),
      });
      // A stream that ends by itself says that there is no more; one that breaks off is opened again by the browser.
      if (shutdown.aborted) throw new TRPCError({ code: "SERVICE_UNAVAILABLE" });
    }),
});

/** Drops what the person may not see, so that nobody learns when a stranger's server changes. */
async function visibleTopics(
  services: Member["services"],
  topics: readonly Topic[],
): Promise<readonly Topic[]> {
  const seen = await Promise.all(
    topics.map(async (topic) => ((await isVisible(services, topic)) ? [topic] : [])),
  );
  return seen.flat();
}

async function isVisible(services: Member["services"], topic: Topic): Promise<boolean> {
  try {
    if (topic.kind === "job") await getJob(services, { jobId: topic.id });
    else await getServer(services, { serverId: topic.id });
    return true;
  } catch (error) {
    if (error instanceof ServiceError && error.kind === "not-found") return false;
    throw error;
  }
}
