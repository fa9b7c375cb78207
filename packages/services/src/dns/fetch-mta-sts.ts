import type { FetchedPolicy } from "@mailstead/core/checks";
import { fetchPage, type PageFetching, pageFetching } from "./fetch-page.ts";

// RFC 8461 §3.3 suggests a limit; no policy comes near this one.
const policySizeMaxBytes = 65_536;

/**
 * Fetches the MTA-STS policy of a domain from these addresses of its policy host. Follows no redirect and takes only
 * a certificate that holds for the host (RFC 8461 §3.3). Never throws for what the network does;
 * isUnaskable says that this machine has no way there.
 */
export async function fetchMtaStsPolicy(
  domain: string,
  addresses: readonly string[],
  fetching: PageFetching = pageFetching,
): Promise<FetchedPolicy & { isUnaskable?: true }> {
  const fetched = await fetchPage(
    {
      host: `mta-sts.${domain}`,
      path: "/.well-known/mta-sts.txt",
      addresses,
      sizeMaxBytes: policySizeMaxBytes,
      mustBeTrusted: true,
    },
    fetching,
  );
  if (fetched.kind === "failed") {
    // An address within our own network is nobody's way to the policy, and not only closed to us.
    const isUnaskable = fetched.isUnaskable === true && addresses.some(fetching.isAllowed);
    return { kind: "failed", problem: fetched.problem, ...(isUnaskable ? { isUnaskable } : {}) };
  }
  const { certificate: _held, ...answered } = fetched;
  return answered;
}
