import { jobChannel, serverChannel } from "@mailstead/services/bus";
import { findGoneGateways, recoverDeadGateways } from "@mailstead/services/gateways";
import {
  type AddressedDelivery,
  expireJobs,
  findJournalsToAskFor,
  findLostDeliveries,
  findUnheardCancels,
  repairOutbox,
  returnLostDeliveries,
} from "@mailstead/services/jobs";
import { addDeliveries, askToCancel, endConnections } from "../relay/pass-on.ts";
import type { Relay } from "../relay/relay.ts";
import type { WorkerContext } from "../worker-context.ts";
import type { Schedule } from "./schedule.ts";

// Together these bound how long a lost wake-up or queue entry can delay a job: well below half a minute.
const relaySweepEveryMs = 5_000;
const lostDeliveriesEveryMs = 5_000;
const waitingLongMs = 5_000;
const gatewaysEveryMs = 5_000;
/** Four beats of a gateway's heart. */
const gatewaySilenceMaxMs = 20_000;
/** Longer than a gateway waits for the answer to an order. */
const unansweredMaxMs = 20_000;
const outboxRepairEveryMs = 20_000;
const strayQueuesEveryMs = 10 * 60_000;
const cancelsEveryMs = 15_000;
const journalsEveryMs = 15_000;
/** A connection begins with the journal; one this young may not have come to it yet. */
const journalWithinMs = 30_000;
const batchMax = 500;
const busyQueueMin = 20;
/** Servers of one gateway whose deliveries are added again at once: more than it comes to before the next look. */
const lostServersMax = 2_000;

/**
 * A gateway whose queue is long has not lost its deliveries, it has not come to them yet; adding them again would
 * make it slower still.
 */
async function leaveToBusyGateways(
  { queue, log }: WorkerContext,
  found: readonly AddressedDelivery[],
): Promise<AddressedDelivery[]> {
  const lost: AddressedDelivery[] = [];
  for (const [gatewayId, deliveries] of Map.groupBy(found, (delivery) => delivery.gatewayId)) {
    const waiting = await queue.countWaiting(gatewayId);
    if (waiting >= busyQueueMin) continue;
    log.info({ gatewayId, count: deliveries.length }, "adds deliveries that were lost");
    lost.push(...deliveries);
  }
  return lost;
}

/** Everything that finds what was lost on the way between a click and an agent. */
export function deliverySchedules(context: WorkerContext, relay: Relay): readonly Schedule[] {
  const { bus, log, system } = context;
  const ago = (ms: number) => new Date(system().now().getTime() - ms);
  return [
    { name: "relay sweep", everyMs: relaySweepEveryMs, run: async () => relay.wake() },
    {
      name: "lost deliveries",
      everyMs: lostDeliveriesEveryMs,
      async run() {
        const lost = await findLostDeliveries(system(), {
          waitingSince: ago(waitingLongMs),
          limit: lostServersMax,
        });
        await addDeliveries(context, await leaveToBusyGateways(context, lost));
      },
    },
    {
      name: "unanswered orders",
      everyMs: lostDeliveriesEveryMs,
      async run() {
        const returned = await returnLostDeliveries(system(), {
          sentBefore: ago(unansweredMaxMs),
          limit: batchMax,
        });
        if (returned.length > 0)
          log.warn({ count: returned.length }, "sends orders again that nobody answered");
        for (const jobId of returned) await bus.publish(jobChannel(jobId), "");
      },
    },
    {
      name: "dead gateways",
      everyMs: gatewaysEveryMs,
      async run() {
        const dead = await recoverDeadGateways(system(), { silenceMaxMs: gatewaySilenceMaxMs });
        for (const { gatewayId, serverIds, changedJobIds } of dead) {
          const held = { servers: serverIds.length, jobs: changedJobIds.length };
          if (held.servers > 0) log.warn({ gatewayId, ...held }, "gave up a gateway");
          else log.info({ gatewayId }, "took away a gateway that held nothing");
          for (const jobId of changedJobIds) await bus.publish(jobChannel(jobId), "");
          for (const serverId of serverIds) await bus.publish(serverChannel(serverId), "");
          await context.queue.remove(gatewayId);
        }
      },
    },
    {
      // A worker that died between giving up a gateway and removing its queue leaves the queue behind.
      name: "stray queues",
      everyMs: strayQueuesEveryMs,
      async run() {
        const gatewayIds = await context.queue.listGatewayIds();
        const gone = await findGoneGateways(system(), { gatewayIds });
        for (const gatewayId of gone) await context.queue.remove(gatewayId);
        if (gone.length > 0) log.info({ count: gone.length }, "removed queues of gateways that are gone");
      },
    },
    {
      name: "deadlines",
      everyMs: lostDeliveriesEveryMs,
      async run() {
        for (const { id, serverId } of await expireJobs(system(), { limit: batchMax })) {
          await bus.publish(jobChannel(id), "");
          await bus.publish(serverChannel(serverId), "");
        }
      },
    },
    {
      name: "unheard cancels",
      everyMs: cancelsEveryMs,
      async run() {
        await askToCancel(context, await findUnheardCancels(system(), { limit: batchMax }));
      },
    },
    {
      name: "wanted journals",
      everyMs: journalsEveryMs,
      async run() {
        const held = await findJournalsToAskFor(system(), {
          connectedBefore: ago(journalWithinMs),
          limit: batchMax,
        });
        if (held.length > 0)
          log.warn({ count: held.length }, "has agents connect anew to show their journals");
        await endConnections(context, held);
      },
    },
    {
      name: "outbox repair",
      everyMs: outboxRepairEveryMs,
      async run() {
        const count = await repairOutbox(system(), { waitingSince: ago(waitingLongMs), limit: batchMax });
        if (count > 0) log.error({ count }, "found waiting jobs that no outbox row named");
      },
    },
  ];
}
