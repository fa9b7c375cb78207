import { jobs, type Transaction } from "@mailstead/db";
import { and, asc, inArray } from "drizzle-orm";
import { isOpen } from "../jobs/index.ts";
import { accountOrderKey, type HoldVerb, holdVerbs } from "./hold-verbs.ts";

/** An order about an account that its server has yet to carry out. */
export interface WaitingOrder {
  readonly verb: HoldVerb;
  readonly jobId: string;
}

/** What waits for accounts of these servers, by `accountOrderKey`; of several orders the latest, which is what will be. */
export async function readWaitingOrders(
  tx: Transaction,
  serverIds: readonly string[],
): Promise<ReadonlyMap<string, WaitingOrder>> {
  if (serverIds.length === 0) return new Map();
  const rows = await tx
    .select({ jobId: jobs.id, serverId: jobs.serverId, verb: jobs.verb, args: jobs.args })
    .from(jobs)
    .where(and(inArray(jobs.serverId, [...serverIds]), inArray(jobs.verb, [...holdVerbs]), isOpen))
    .orderBy(asc(jobs.sequence));
  return new Map(
    rows.map(({ jobId, serverId, verb, args }) => [
      accountOrderKey(serverId, (args as { address: string }).address),
      { verb: verb as HoldVerb, jobId },
    ]),
  );
}
