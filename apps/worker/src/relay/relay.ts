import { relayOutbox } from "@mailstead/services/jobs";
import { type Looker, oneLookAtATime } from "../one-look-at-a-time.ts";
import type { WorkerContext } from "../worker-context.ts";
import { addDeliveries, askToCancel, endConnections } from "./pass-on.ts";

export type Relay = Looker;

const rowsAtOnce = 100;

/**
 * Empties the outbox whenever it is woken: signs, then passes on. One look at a time. `askForDns` is called when
 * somebody waits for DNS work.
 */
export function startRelay(context: WorkerContext, askForDns: () => void = () => undefined): Relay {
  return oneLookAtATime(
    async () => {
      const { taken, deliveries, cancels, endings, asksForDns } = await relayOutbox(context.system(), {
        signer: context.signer,
        limit: rowsAtOnce,
      });
      await addDeliveries(context, deliveries);
      await askToCancel(context, cancels);
      await endConnections(context, endings);
      if (asksForDns) askForDns();
      return taken === rowsAtOnce ? "again" : "done";
    },
    (problem) => context.log.error({ err: problem }, "the relay failed; the sweep looks again"),
  );
}
