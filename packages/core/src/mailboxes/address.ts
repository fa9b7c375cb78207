import { z } from "zod";
import { domainNameProblem, shown } from "../domains/index.ts";

// RFC 5321 §4.5.3.1.1 bounds the local part in octets; Mailstead's local parts are ASCII, so characters are octets.
export const localPartLengthMax = 64;
const addressLengthMax = 254;
// A dot-atom (RFC 5322 §3.2.3) less the characters that mean something to a lookup table, a path or a shell.
const localPartPattern = /^[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_-])?$/;

/** Says why a text cannot be the local part of a mailbox or alias, or null when it can. */
export function localPartProblem(localPart: string): string | null {
  if (localPart.length === 0) return "the part before the @ is missing";
  if (localPart.length > localPartLengthMax)
    return `the part before the @ has at most ${localPartLengthMax} characters`;
  if (localPart !== localPart.toLowerCase()) return "addresses are stored in lower case";
  if (localPart.includes("..")) return "the part before the @ has two dots in a row";
  if (!localPartPattern.test(localPart))
    return `the part before the @ may hold letters, digits, dots, hyphens and underscores, not "${shown(localPart)}"`;
  return null;
}

/** Says why a text is not an address that Mailstead can host, or null when it is one. */
export function hostedAddressProblem(address: string): string | null {
  if (address.length > addressLengthMax) return `an address has at most ${addressLengthMax} characters`;
  const at = address.lastIndexOf("@");
  if (at < 0) return "an address needs an @";
  return localPartProblem(address.slice(0, at)) ?? domainNameProblem(address.slice(at + 1));
}

/** Lower case address hosted on one of our servers, like `ann@alpha.example`. */
export const hostedAddressSchema = z
  .string()
  .superRefine((address, ctx) => {
    const problem = hostedAddressProblem(address);
    if (problem !== null) ctx.addIssue({ code: "custom", message: problem });
  })
  .brand<"HostedAddress">();
export type HostedAddress = z.infer<typeof hostedAddressSchema>;

// Anywhere on the Internet people use more characters than we host, so a forward accepts the whole dot-atom.
const remotePattern = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;

/** An address that mail may be forwarded to, hosted by us or by anyone. */
export const remoteAddressSchema = z.string().superRefine((address, ctx) => {
  const at = address.lastIndexOf("@");
  const localPart = address.slice(0, Math.max(at, 0));
  const problem =
    at < 1
      ? "an address needs a name, an @ and a domain"
      : localPart.length > localPartLengthMax || !remotePattern.test(localPart)
        ? `"${shown(localPart)}" is not the first part of an address`
        : domainNameProblem(address.slice(at + 1));
  if (problem !== null) ctx.addIssue({ code: "custom", message: problem });
});
