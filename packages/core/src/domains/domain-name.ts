import { z } from "zod";
import { shown } from "./shown.ts";

const labelPattern = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;
const nameLengthMax = 253;

/** Says why a text is not a mail domain name in A-label form, or null when it is one (RFC 1035 §2.3.4, RFC 5890). */
export function domainNameProblem(name: string): string | null {
  if (name.length === 0) return "a domain name is missing";
  if (name.length > nameLengthMax) return `a domain name has at most ${nameLengthMax} characters`;
  if (name !== name.toLowerCase()) return "a domain name is stored in lower case";
  const labels = name.split(".");
  if (labels.length < 2) return "a domain name has at least two parts, like example.com";
  for (const label of labels) {
    if (label.length === 0) return "a domain name has an empty part";
    if (label.length > 63) return `the part "${shown(label)}" has more than 63 characters`;
    if (!labelPattern.test(label))
      return `the part "${shown(label)}" may hold only letters, digits and inner hyphens`;
  }
  if (/^[0-9]+$/.test(labels.at(-1) ?? "")) return "a domain name does not end in a number";
  return null;
}

/** A domain name in lower case A-label form ("xn--…"), ready for DNS and for configuration files. */
export const domainNameSchema = z
  .string()
  .superRefine((name, ctx) => {
    const problem = domainNameProblem(name);
    if (problem !== null) ctx.addIssue({ code: "custom", message: problem });
  })
  .brand<"DomainName">();

export type DomainName = z.infer<typeof domainNameSchema>;

/** A host's fully qualified name; the same grammar as a domain, but it names one machine. */
export const hostNameSchema = domainNameSchema;
