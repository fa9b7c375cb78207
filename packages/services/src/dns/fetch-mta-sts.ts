import { request } from "node:https";
import { isIPv6, type LookupFunction } from "node:net";
import type { FetchedPolicy } from "@mailstead/core/checks";
import { isPublicAddress } from "@mailstead/core/servers";

/** How a policy is fetched; other values than these only in tests. */
export interface PolicyFetching {
  port: number;
  /** Whether an address may be connected to: whoever owns a domain could lead us into our own network. */
  isAllowed: (address: string) => boolean;
  /** Authorities to trust in place of the machine's own. */
  ca?: string;
}

export const policyFetching: PolicyFetching = { port: 443, isAllowed: isPublicAddress };

const timeoutMs = 10_000;
// RFC 8461 §3.3 suggests a limit; no policy comes near this one.
const bodySizeMaxBytes = 65_536;

/**
 * Fetches the MTA-STS policy of a domain from these addresses of its policy host. Follows no redirect and takes only
 * a certificate that holds for the host (RFC 8461 §3.3). Never throws for what the network does.
 */
export function fetchMtaStsPolicy(
  domain: string,
  addresses: readonly string[],
  { port, isAllowed, ca }: PolicyFetching = policyFetching,
): Promise<FetchedPolicy> {
  const host = `mta-sts.${domain}`;
  const allowed = addresses.filter(isAllowed);
  const [address] = allowed;
  if (address === undefined) {
    const problem =
      addresses.length === 0
        ? `${host} has no address`
        : `${host} leads to ${addresses.join(", ")}, which the world cannot reach`;
    return Promise.resolve({ kind: "failed", problem });
  }
  // Every question has been asked already; a second answer could be another address.
  const lookup: LookupFunction = (_name, options, found) => {
    const family = isIPv6(address) ? 6 : 4;
    if (options.all === true) return found(null, [{ address, family }]);
    return found(null, address, family);
  };
  return new Promise((resolve) => {
    const fail = (cause: Error) => resolve({ kind: "failed", problem: `${address}: ${cause.message}` });
    const asked = request(
      {
        host,
        port,
        path: "/.well-known/mta-sts.txt",
        servername: host,
        lookup,
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
        headers: { "user-agent": "mailstead-check", accept: "text/plain" },
        ...(ca === undefined ? {} : { ca }),
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
          if (text.length > bodySizeMaxBytes)
            asked.destroy(new Error("the answer is longer than a policy can be"));
        });
        response.on("error", fail);
        response.on("end", () =>
          resolve({
            kind: "answered",
            status: response.statusCode ?? 0,
            contentType: response.headers["content-type"] ?? null,
            location: response.headers.location ?? null,
            text,
          }),
        );
      },
    );
    asked.on("error", fail);
    asked.end();
  });
}
