import { type ProviderId, providerOfHost, providers } from "../delivery/index.ts";

/** Names that receivers sign reports with, where they are neither a host's nor the provider's own. */
const otherNames: Readonly<Record<string, ProviderId>> = {
  "enterprise outlook": "microsoft365",
  aol: "yahoo",
  "web.de": "gmx",
};

/**
 * The provider that a report came from, by what it calls itself (`org_name`, RFC 7489 appendix C): a domain, or a name in
 * words. Null for everybody else.
 */
export function providerOfReporter(reporter: string): ProviderId | null {
  const name = reporter.trim().toLowerCase();
  const titled = Object.entries(providers).find(([, { title }]) => title.toLowerCase() === name);
  return (titled?.[0] as ProviderId | undefined) ?? otherNames[name] ?? providerOfHost(name);
}
