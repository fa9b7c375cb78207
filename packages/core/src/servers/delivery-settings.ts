import { z } from "zod";
import { domainNameSchema, shown } from "../domains/index.ts";

/** More than a network has, and few enough for a resolver to try them all. */
export const dnsForwardersMax = 8;
export const tlsExceptionsMax = 200;
const reasonLengthMax = 200;

/** Addresses that never lead to another host: the host's own, link-local ones, and those of groups. */
const unusablePattern = /^(0\.|127\.|169\.254\.|22[4-9]\.|2[3-5]\d\.|::$|::1$|::ffff:|fe[89ab]|ff)/i;

/** A resolver that the host's own asks instead of the world's name servers; it may well have a private address. */
export const dnsForwarderSchema = z.string().superRefine((text, ctx) => {
  const refuse = (message: string) => ctx.addIssue({ code: "custom", message });
  if (!z.ipv4().safeParse(text).success && !z.ipv6().safeParse(text).success)
    refuse(`"${shown(text)}" is no IP address of a resolver`);
  else if (unusablePattern.test(text)) refuse(`"${text}" leads to no other host that could be asked`);
});

/** A domain to which mail goes with whatever TLS its servers offer, although DANE or MTA-STS demands more. */
export const tlsExceptionSchema = z.object({
  domain: domainNameSchema,
  /** Who allowed it and why, for whoever reads it later. */
  reason: z
    .string()
    .min(1, "an exception needs a reason")
    .max(reasonLengthMax, `a reason has at most ${reasonLengthMax} characters`)
    .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u, "a reason is one line of text"),
  /** The last day on which it holds, by UTC. */
  until: z.iso.date("the day on which an exception ends is missing"),
});
export type TlsException = z.infer<typeof tlsExceptionSchema>;

export const tlsExceptionsSchema = z
  .array(tlsExceptionSchema)
  .max(tlsExceptionsMax, `a server has at most ${tlsExceptionsMax} exceptions`)
  .refine(
    (exceptions) => new Set(exceptions.map(({ domain }) => domain)).size === exceptions.length,
    "each domain is named once among the exceptions",
  );

/** Whether an exception still holds at a moment: until its last day is over everywhere, which UTC decides. */
export function holdsAt({ until }: Pick<TlsException, "until">, now: Date): boolean {
  return now.toISOString().slice(0, 10) <= until;
}
