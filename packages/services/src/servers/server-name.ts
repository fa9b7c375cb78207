import { domainToASCII } from "node:url";
import { hostNameSchema } from "@mailstead/core/domains";
import { z } from "zod";

/** What people call a server; one short line. */
export const serverNameSchema = z
  .string()
  .trim()
  .min(1, "a server needs a name")
  .max(100, "a server's name has at most 100 characters")
  .regex(/^[^\p{Cc}]*$/u, "a server's name is one line of text");

/** A host name as people type it: capitals, a final dot and Unicode are folded into the form that DNS uses. */
export const typedHostNameSchema = z
  .string()
  .max(500, "a host name has at most 253 characters")
  .transform((typed) => foldName(typed))
  .pipe(hostNameSchema);

/** Folds a typed name to lower case A-labels (UTS 46); a name that cannot be folded stays as typed, for the schema to refuse. */
export function foldName(typed: string): string {
  const name = typed.trim().replace(/\.$/, "").toLowerCase();
  // The function also reads addresses and ports, so only what looks like a name is given to it.
  if (!/^[\p{L}\p{M}\p{N}.\-·]+$/u.test(name)) return name;
  return domainToASCII(name) || name;
}
