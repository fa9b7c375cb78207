import type { JobArgs, JobOutcome, JobResult } from "@mailstead/core/jobs";
import { type QueuedMessage, type QueueName, queuedDomains, queueMatcher } from "@mailstead/core/mail-queue";
import { SimulatedAgent } from "../fleet-sim/agent.ts";
import { enrolSimulated } from "../fleet-sim/identity.ts";

/** Messages that wait on a host that is not there: an agent with a queue in memory that it tells and changes as ordered. */
export interface QueueingAgent {
  readonly agent: SimulatedAgent;
  readonly queue: readonly QueuedMessage[];
  close(): void;
}

/** Enrols with a token and answers orders about a queue of these messages, the oldest first. */
export async function startQueueingAgent(asked: {
  readonly controlUrl: string;
  readonly token: string;
  readonly messages: readonly QueuedMessage[];
}): Promise<QueueingAgent> {
  const { controlUrl, token } = asked;
  let queue = [...asked.messages].sort((a, b) => a.arrivedAt - b.arrivedAt);
  const agent = new SimulatedAgent({
    identity: await enrolSimulated({ controlUrl, token }),
    script: {
      run: async ({ order }): Promise<JobOutcome> => {
        if (order.verb === "read-queue")
          return { kind: "succeeded", result: pageOf(queue, order.args as JobArgs<"read-queue">) };
        if (order.verb !== "change-queue")
          return { kind: "failed", problem: "there is no host behind this agent", retry: "permanent" };
        const changed = change(queue, order.args as JobArgs<"change-queue">);
        queue = changed.queue;
        return { kind: "succeeded", result: changed.result };
      },
    },
  }).start();
  return {
    agent,
    get queue() {
      return queue;
    },
    close: () => agent.close(),
  };
}

const entryOf = (message: QueuedMessage) => ({
  message,
  recipients: message.recipients.map(({ address }) => address),
});

function pageOf(
  queue: readonly QueuedMessage[],
  { filter, skip, limit, visibleDomains }: JobArgs<"read-queue">,
): JobResult<"read-queue"> {
  const matches = queueMatcher(filter, visibleDomains);
  const matching = queue.filter((message) => matches(entryOf(message)));
  const tally = <Name extends string>(names: readonly Name[]) =>
    [...Map.groupBy(names, (name) => name)].map(([name, own]) => ({ name, count: own.length }));
  return {
    readAt: Date.now(),
    total: queue.length,
    matching: matching.length,
    queues: tally(matching.map(({ queue: name }) => name)),
    providers: tally(matching.flatMap(({ provider }) => provider ?? [])),
    categories: tally(matching.flatMap(({ category }) => category ?? [])),
    domains: tally(matching.flatMap((message) => queuedDomains(entryOf(message)))),
    messages: matching.slice(skip, skip + limit),
  };
}

function change(
  queue: readonly QueuedMessage[],
  { action, target }: JobArgs<"change-queue">,
): { queue: QueuedMessage[]; result: JobResult<"change-queue"> } {
  const named = new Set(target.kind === "selected" ? target.messages.map(({ queueId }) => queueId) : []);
  const matches = target.kind === "matching" ? queueMatcher(target.filter, null) : () => false;
  const isMeant = (message: QueuedMessage) => named.has(message.queueId) || matches(entryOf(message));
  const found = queue.filter(isMeant).length;
  const moved: Partial<Record<typeof action, QueueName>> = { hold: "hold", release: "deferred" };
  const to = moved[action];
  return {
    queue: queue.flatMap((message) => {
      if (!isMeant(message)) return [message];
      if (action === "delete") return [];
      return [to === undefined ? message : { ...message, queue: to }];
    }),
    result: { found, changed: found, notReached: 0 },
  };
}
