import { accountSignSchema, type KnownAccount } from "@mailstead/core/accounts";
import type { accountAlerts } from "@mailstead/db";
import { z } from "zod";

type AlertRow = Pick<
  typeof accountAlerts.$inferSelect,
  "address" | "certainty" | "signs" | "suspiciousSince" | "heldBy" | "heldSince" | "messagesHeld"
>;

/** The row as the rules know it. */
export function knownAccount(row: AlertRow): KnownAccount {
  const { address, certainty, suspiciousSince, heldBy, heldSince, messagesHeld } = row;
  return {
    address,
    alert:
      certainty === null || suspiciousSince === null
        ? null
        : { since: suspiciousSince, certainty, signs: z.array(accountSignSchema).parse(row.signs) },
    hold:
      heldBy === null || heldSince === null ? null : { since: heldSince, by: heldBy, messages: messagesHeld },
  };
}
