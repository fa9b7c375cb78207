import { z } from "zod";
import { hostedAddressSchema } from "../mailboxes/index.ts";
import { accountSignSchema } from "./account-alert.ts";

// More than any queue holds.
const messagesHeldMax = 1e9;

/**
 * What a host tells of accounts of its own: the whole of what is known of each that has changed. The account's own address
 * is the customer's; no recipient and no subject is in it.
 */
export const accountBatchSchema = z.object({
  at: z.int().positive(),
  accounts: z
    .array(
      z.object({
        address: hostedAddressSchema,
        alert: z
          .object({
            since: z.int().positive(),
            certainty: z.enum(["possible", "high"]),
            signs: z.array(accountSignSchema).max(10),
          })
          .nullable(),
        hold: z
          .object({
            since: z.int().positive(),
            by: z.enum(["agent", "person"]),
            messages: z.int().nonnegative().max(messagesHeldMax),
          })
          .nullable(),
      }),
    )
    .max(500),
});
export type AccountBatch = z.infer<typeof accountBatchSchema>;
export type ToldAccount = AccountBatch["accounts"][number];
