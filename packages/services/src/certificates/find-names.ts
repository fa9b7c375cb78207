import { type CertificateSubject, candidateNames, namesToAskFor } from "@mailstead/core/certificates";
import { DnsView, type Resolver } from "../dns/index.ts";
import { AcmeError } from "./acme/acme-error.ts";

interface Led {
  name: string;
  addresses: string[];
}

export interface FoundNames {
  names: string[];
  /** Where each of them leads, for whoever looks whether the host answers there. */
  led: readonly Led[];
}

/**
 * The names of a certificate that lead to these addresses and nowhere else, as the DNS says now. Throws AcmeError
 * `not-ready` when the certificate would have none, and when the DNS cannot be asked.
 */
export async function findNames(
  subject: CertificateSubject,
  { ipAddresses, resolver }: { ipAddresses: readonly string[]; resolver: Resolver },
): Promise<FoundNames> {
  const view = new DnsView(resolver);
  const candidates = candidateNames(subject).filter((name) => !name.startsWith("*."));
  const led = await Promise.all(candidates.map((name) => follow(name, view)));
  const own = new Set(ipAddresses.map(plain));
  const leadsHere = ({ addresses }: Led) =>
    addresses.length > 0 && addresses.every((address) => own.has(plain(address)));
  const here = new Set(led.filter(leadsHere).map(({ name }) => name));
  const names = namesToAskFor(subject, (name) => here.has(name));
  if (names.length === 0)
    throw new AcmeError({
      kind: "not-ready",
      detail: whyNone(subject, { led, ipAddresses }),
      isPermanent: true,
    });
  return { names, led: led.filter(({ name }) => here.has(name)) };
}

/**
 * The names of a certificate that already serves a domain once more of them lead here: they are published one after the
 * other. Null while there is nothing to add, and when one of those that it has leads elsewhere or the DNS cannot be
 * asked, which no certificate in force suffers from.
 */
export async function findMoreNames(
  subject: CertificateSubject,
  { known, ...at }: { ipAddresses: readonly string[]; resolver: Resolver; known: readonly string[] },
): Promise<string[] | null> {
  if (subject.kind === "host" || subject.isWildcard) return null;
  try {
    const { names } = await findNames(subject, at);
    return names.length > known.length && known.every((name) => names.includes(name)) ? names : null;
  } catch (error) {
    if (error instanceof AcmeError) return null;
    throw error;
  }
}

async function follow(name: string, view: DnsView): Promise<Led> {
  const answers = await Promise.all((["A", "AAAA"] as const).map((type) => view.answer({ name, type })));
  const failed = answers.find((answer) => answer.kind === "failed");
  if (failed?.kind === "failed")
    throw new AcmeError({
      kind: "not-ready",
      detail: `It could not be found out where ${name} leads: ${failed.problem}`,
      isPermanent: false,
    });
  return { name, addresses: answers.flatMap((answer) => (answer.kind === "found" ? answer.values : [])) };
}

function whyNone(
  subject: CertificateSubject,
  { led, ipAddresses }: { led: readonly Led[]; ipAddresses: readonly string[] },
): string {
  const where = ipAddresses.join(", ") || "no address that is known yet";
  if (subject.kind === "domain")
    return `No name of ${subject.domain} leads to this server (${where}); publish for example an address record of mail.${subject.domain}, mta-sts.${subject.domain} or autoconfig.${subject.domain} that leads there`;
  const [{ addresses } = { addresses: [] }] = led;
  return addresses.length === 0
    ? `${subject.hostname} leads nowhere yet; publish an address record of it that leads to ${where}`
    : `${subject.hostname} leads to ${addresses.join(", ")}, and this server is at ${where}; all of its address records must lead there`;
}

/** One text per address, however it is written (RFC 5952). */
function plain(address: string): string {
  return address.includes(":") ? new URL(`http://[${address}]/`).hostname : address;
}
