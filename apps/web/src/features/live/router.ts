import {
  type BusChannel,
  dnsChannel,
  jobChannel,
  rolloutsChannel,
  serverChannel,
  serversChannel,
} from "@mailstead/services/bus";
import { TRPCError } from "@trpc/server";
import { z } from "zod";
import { backend } from "../../server/backend.ts";
import { shutdownSignal } from "../../server/shutdown.ts";
import { memberProcedure, router } from "../../server/trpc.ts";
import { followTopics } from "./follow-topics.ts";
import { type Topic, topicSchema, topicsMax } from "./topics.ts";
import { rememberVisibility, visibleTopics } from "./visible-topics.ts";

export const liveRouter = router({
  /** The tab's one stream: it greets, then names each topic that changed. It carries no content, so nothing can be missed for good. */
  follow: memberProcedure
    .input(z.object({ topics: z.array(topicSchema).max(topicsMax) }))
    .subscription(async function* ({ ctx, input, signal }) {
      const visible = await visibleTopics(ctx.services, input.topics);
      const isAnyVisible = rememberVisibility(ctx.services);
      const bus = await backend().bus();
      const shutdown = shutdownSignal();
      yield* followTopics(visible, {
        subscribe: (topic, onChange) =>
          bus.subscribe(channelOf(topic, ctx.services.organisationId), onChange),
        // An empty id says that the bus may have missed something, which concerns everybody.
        mayTell: async (topic, ids) => topic.kind !== "servers" || ids.has("") || isAnyVisible(ids),
        signal: signal === undefined ? shutdown : AbortSignal.any([signal, shutdown]),
      });
      // A stream that ends by itself says that there is no more; one that breaks off is opened again by the browser.
      if (shutdown.aborted) throw new TRPCError({ code: "SERVICE_UNAVAILABLE" });
    }),
});

function channelOf(topic: Topic, organisationId: string): BusChannel {
  switch (topic.kind) {
    case "job":
      return jobChannel(topic.id);
    case "server":
      return serverChannel(topic.id);
    case "servers":
      return serversChannel;
    case "dns":
      return dnsChannel(organisationId);
    case "rollouts":
      return rolloutsChannel(organisationId);
  }
}
