import { isPublicAddress } from "@mailstead/core/servers";
import type { ListResolver } from "./list-resolver.ts";

/** Of a name that leads to more, the rest is not this host. */
const namedMax = 8;

/**
 * Names the public addresses that a host sends from: its own, and where it has only private ones of a family, as behind
 * a NAT, those to which its name leads. A sender's name must lead to its address (RFC 8601 §3 "iprev"), so receivers see it
 * there. What the name does not tell is left out.
 */
export async function sendingAddresses(
  host: { readonly hostname: string; readonly addresses: readonly string[] },
  resolver: ListResolver,
): Promise<readonly string[]> {
  const own = host.addresses.filter(isPublicAddress);
  const named = await Promise.all(
    (["A", "AAAA"] as const).map(async (type) => {
      const isOfFamily = (address: string) => address.includes(":") === (type === "AAAA");
      if (own.some(isOfFamily) || !host.addresses.some(isOfFamily)) return [];
      const answer = await resolver.answer({ name: host.hostname, type });
      return answer.kind === "found" ? answer.values.filter(isPublicAddress).slice(0, namedMax) : [];
    }),
  );
  return [...own, ...named.flat()];
}
