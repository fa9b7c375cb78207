import type { TrackedDelivery } from "@mailstead/core/delivery";
import { stackPaths } from "@mailstead/core/mail-flow";
import { noteProviderDomains } from "../directory/directory-database.ts";
import { pathExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";

/** Learns from what was sent which provider receives for which domains, so that Postfix can tell by a domain. */
export interface SeenProviders {
  take(delivery: Pick<TrackedDelivery, "direction" | "to" | "provider" | "relay">): void;
  /** Writes what was taken since. A host without a directory has nobody who would ask. */
  keep(): Promise<void>;
}

const mxPort = 25;

/** Bounded, because a log of many days may be read at once. */
const domainsAtOnceMax = 5000;

export function createSeenProviders(host: Pick<Host, "path" | "nowUnixMs">): SeenProviders {
  let seen = new Map<string, string>();
  return {
    take({ direction, to, provider, relay }) {
      const domain = to.slice(to.lastIndexOf("@") + 1).toLowerCase();
      // An MX is asked at port 25. Who is asked at another is a smarthost, and a provider's own says nothing of the domain.
      if (direction !== "outbound" || provider === null || relay?.port !== mxPort || domain === "") return;
      if (seen.size < domainsAtOnceMax) seen.set(domain, provider);
    },
    async keep() {
      const path = host.path(stackPaths.directoryDatabase);
      if (!(await pathExists(path))) return;
      await noteProviderDomains(path, seen, new Date(host.nowUnixMs()));
      seen = new Map();
    },
  };
}
