import { z } from "zod";
import { sealedSecretSchema } from "./sealed-secret.ts";

/** A key of Spamhaus' Data Query Service; it becomes one label of a name (RFC 1035 §2.3.4). */
export const spamhausKeySchema = z
  .string()
  .trim()
  .regex(/^[a-z0-9]{10,63}$/i, "A key of Spamhaus has letters and digits alone, ten at the least.");

/** A key of Abusix; it becomes one label of a name, as Spamhaus' does. */
export const abusixKeySchema = z
  .string()
  .trim()
  .regex(/^[a-z0-9]{10,63}$/i, "A key of Abusix has letters and digits alone, ten at the least.");

/** How a host asks block lists about itself. Spamhaus is asked only as its owner allows, Abusix with a key alone; other lists answer everybody. */
export const targetBlockListsSchema = z.object({
  spamhaus: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("none") }),
    z.object({ kind: z.literal("public") }),
    z.object({ kind: z.literal("key"), key: sealedSecretSchema }),
  ]),
  abusix: sealedSecretSchema.nullable().default(null),
});
export type TargetBlockLists = z.infer<typeof targetBlockListsSchema>;

/** What holds until the organisation has chosen. */
export const noSpamhaus: TargetBlockLists = { spamhaus: { kind: "none" }, abusix: null };
