import { type SmarthostTrial, smarthostChanges, type Transaction } from "@mailstead/db";
import { and, eq } from "drizzle-orm";
import type { ServiceContext } from "../context/index.ts";
import type { ServerForChange } from "./server-for-change.ts";
import { readRelaysInput } from "./set-relays.ts";
import { readSmarthostsInput } from "./set-smarthosts.ts";
import { beginTrials, type ChangeRow } from "./try-smarthosts.ts";

/**
 * Has the host try what waits once more. `except` are the trials that hold already, which are not made again. Throws as
 * the first try does.
 */
export async function tryAgain(
  tx: Transaction,
  ctx: ServiceContext,
  again: {
    server: ServerForChange;
    row: ChangeRow;
    /** How often it was tried then. */
    tries: number;
    except?: readonly SmarthostTrial[];
  },
): Promise<SmarthostTrial[]> {
  const { server, row, tries, except = [] } = again;
  const all =
    row.concerns === "senders"
      ? readRelaysInput(row.wanted).relays.map(({ sendersOf: of, smarthost }) => ({ of, smarthost }))
      : readSmarthostsInput(row.wanted).smarthosts.map(({ to: of, smarthost }) => ({ of, smarthost }));
  const tried = new Set(row.trials.filter((trial) => !except.includes(trial)).map(({ of }) => of));
  const smarthosts = all.filter(({ of }) => tried.has(of));
  const begun = await beginTrials(tx, ctx, { server, concerns: row.concerns, smarthosts });
  const trials = [...except, ...begun];
  await tx
    .update(smarthostChanges)
    .set({ trials, problem: null, retryAt: null, tries })
    .where(and(eq(smarthostChanges.serverId, server.id), eq(smarthostChanges.concerns, row.concerns)));
  return trials;
}
