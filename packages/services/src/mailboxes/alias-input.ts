import { remoteAddressSchema } from "@mailstead/core/mailboxes";
import { z } from "zod";
import { foldName } from "../servers/index.ts";
import { localPartInput } from "./mailbox-input.ts";

export const catchAllLocalPart = "";

/** A local part, or "catch-all" as `{ isCatchAll: true }`. */
export const aliasNameInput = z.union([
  z.object({ isCatchAll: z.literal(true) }).transform(() => catchAllLocalPart),
  z.object({ localPart: localPartInput }).transform((name) => name.localPart),
]);

/** Where mail goes, folded to lower case in the domain, each once. */
export const destinationsInput = z
  .array(
    z
      .string()
      .max(500, "an address has at most 254 characters")
      .transform((typed) => foldAddress(typed))
      .pipe(remoteAddressSchema),
  )
  .min(1, "an alias needs at least one destination")
  .max(200, "an alias has at most 200 destinations")
  .transform((destinations) => [...new Set(destinations)]);

/** Our own local parts know no capitals, and hardly any on the Internet do (RFC 5321 §2.4 leaves it to the receiver). */
function foldAddress(typed: string): string {
  const address = typed.trim();
  const at = address.lastIndexOf("@");
  return at < 0 ? address : `${address.slice(0, at).toLowerCase()}@${foldName(address.slice(at + 1))}`;
}
