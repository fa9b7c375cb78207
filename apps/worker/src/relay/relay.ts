import { relayOutbox } from "@mailstead/services/jobs";
import type { WorkerContext } from "../worker-context.ts";
import { addDeliveries, askToCancel, endConnections } from "./pass-on.ts";

export interface Relay {
  /** Looks at the outbox soon; many wake-ups in a row are one look. */
  wake(): void;
  /** Finishes the look in hand. */
  close(): Promise<void>;
}

const rowsAtOnce = 100;

/**
 * Empties the outbox whenever it is woken: signs, then passes on. One look at a time. `askForDns` is called when
 * somebody waits for DNS work.
 */
export function startRelay(context: WorkerContext, askForDns: () => void = () => undefined): Relay {
  let isWoken = false;
  let isClosed = false;
  let running: Promise<void> | null = null;

  async function run(): Promise<void> {
    while (isWoken && !isClosed) {
      isWoken = false;
      try {
        const { taken, deliveries, cancels, endings, asksForDns } = await relayOutbox(context.system(), {
          signer: context.signer,
          limit: rowsAtOnce,
        });
        if (taken === rowsAtOnce) isWoken = true;
        await addDeliveries(context, deliveries);
        await askToCancel(context, cancels);
        await endConnections(context, endings);
        if (asksForDns) askForDns();
      } catch (problem) {
        context.log.error({ err: problem }, "the relay failed; the sweep looks again");
      }
    }
  }

  return {
    wake() {
      isWoken = true;
      running ??= run().finally(() => {
        running = null;
        if (isWoken && !isClosed) this.wake();
      });
    },
    async close() {
      isClosed = true;
      await running;
    },
  };
}
