import type { MailHostFacts } from "@mailstead/core/checks";
import type { DnsLookupAnswer, NameServerAnswer } from "@mailstead/core/dns";
import type { FoundZone } from "./find-zone.ts";
import type { InspectedZone } from "./inspect-zone.ts";
import type { Authority } from "./resolver.ts";

/**
 * What has been asked and answered. A check has one of its own, so that nothing old is shown; the checks of one run
 * share one for a short while, so that a server of a thousand domains is not asked the same a thousand times.
 */
export class DnsMemory {
  readonly zones = new Map<string, Promise<FoundZone | null>>();
  /** Zones whose delegation was asked for at the zone above. */
  readonly confirmed = new Map<string, Promise<FoundZone>>();
  readonly authorities = new Map<string, Promise<Authority[]>>();
  readonly inspected = new Map<string, Promise<InspectedZone>>();
  readonly answers = new Map<string, Promise<NameServerAnswer[]>>();
  readonly lookups = new Map<string, Promise<DnsLookupAnswer>>();
  /** What came of waiting for addresses of web servers that are away: it is waited for each once. */
  readonly silentHosts = new Map<string, string>();
  /** Mail hosts of others as they were met: a provider's are named by a thousand domains. */
  readonly mailHosts: Map<string, Promise<MailHostFacts>>;

  /** Hosts that were met before are not met again within one run, however long it takes. */
  constructor({ mailHosts = new Map() }: Partial<Pick<DnsMemory, "mailHosts">> = {}) {
    this.mailHosts = mailHosts;
  }
}
