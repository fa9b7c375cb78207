import { domainNameProblem } from "../../domains/index.ts";

/** The names of a mail domain under which its host serves documents. */
export interface WebNames {
  /** RFC 8461 §3.3. */
  mtaSts: string;
  autoconfig: string;
  autodiscover: string;
}

/** The names that mail programs and sending servers ask for a domain. */
export function webNamesOf(domain: string): WebNames {
  return {
    mtaSts: `mta-sts.${domain}`,
    autoconfig: `autoconfig.${domain}`,
    autodiscover: `autodiscover.${domain}`,
  };
}

/**
 * All names besides its own under which a host serves its domains, each once. A domain so long that a name before it is
 * none any more has no such name.
 */
export function servedNames(hostname: string, domains: readonly string[]): readonly string[] {
  const names = new Set(domains.flatMap((domain) => Object.values(webNamesOf(domain))));
  names.delete(hostname);
  return [...names].filter((name) => domainNameProblem(name) === null);
}
