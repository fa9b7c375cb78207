import { type AccountBatch, accountBatchSchema } from "@mailstead/core/accounts";
import { accountAlerts, type Transaction } from "@mailstead/db";
import type { StreamOwner, StreamReader } from "../telemetry/index.ts";

/** Keeps what a host tells of accounts of its own that send unlike themselves or are held. */
export const accountStream: StreamReader<AccountBatch> = { schema: accountBatchSchema, store };

async function store(
  tx: Transaction,
  { owner, batch, now }: { owner: StreamOwner; batch: AccountBatch; now: Date },
): Promise<void> {
  // A clock that is ahead must not show what has yet to come.
  const moment = (at: number) => new Date(Math.min(at, now.getTime()));
  for (const { address, alert, hold } of batch.accounts) {
    const said = {
      certainty: alert?.certainty ?? null,
      signs: alert?.signs ?? [],
      suspiciousSince: alert === null ? null : moment(alert.since),
      heldBy: hold?.by ?? null,
      heldSince: hold === null ? null : moment(hold.since),
      messagesHeld: hold?.messages ?? 0,
      toldAt: now,
      judgedAt: null,
    };
    await tx
      .insert(accountAlerts)
      .values({ ...owner, address, ...said })
      .onConflictDoUpdate({ target: [accountAlerts.serverId, accountAlerts.address], set: said });
  }
}
