import type { CheckFinding } from "./check-finding.ts";
import { expandIpv6 } from "./reverse-name.ts";
import type { NamedAddress, ZoneFacts } from "./zone-facts.ts";

type Finding = CheckFinding<"glue-missing" | "glue-differs">;

/**
 * Judges the addresses that the zone above gives for name servers which lie within the zone: without them nobody
 * could begin to ask (RFC 1034 §4.2.1), and they must be those that the zone itself says.
 */
export function glueFindings({ zone, delegation, ownAddresses }: ZoneFacts): Finding[] {
  if (delegation === null) return [];
  return delegation.nameServers
    .filter((name) => `.${name}`.toLowerCase().endsWith(`.${zone}`))
    .flatMap((name): Finding[] => {
      const above = addressesOf(delegation.glue, name);
      const own = addressesOf(ownAddresses, name);
      const evidence = [
        `${delegation.saidBy}: ${name} ${above.join(", ") || "has no address"}`,
        `${zone}: ${name} ${own.join(", ") || "has no address"}`,
      ];
      const record = own.map((address) => `${name}. IN ${typeOf(address)} ${address}`).join("\n");
      const ready = record === "" ? {} : { record };
      if (above.length === 0)
        return [
          {
            kind: "glue-missing",
            about: name,
            severity: "error",
            sentence: `The zone above ${zone} gives no address for ${name}, which lies within ${zone} itself.`,
            evidence,
            why: "To learn the address of this server one would have to ask this server: resolvers cannot begin.",
            fix: `Register the addresses of ${name} as glue (host records) at the registrar.`,
            ...ready,
          },
        ];
      if (own.length === 0 || same(above, own)) return [];
      return [
        {
          kind: "glue-differs",
          about: name,
          severity: "warning",
          sentence: `The zone above and ${zone} itself give different addresses for ${name}.`,
          evidence,
          why: "Resolvers begin at the addresses from above; when those are old, they wait or ask a stranger.",
          fix: `Change the glue (host records) of ${name} at the registrar to the addresses that the zone says.`,
          ...ready,
        },
      ];
    });
}

function addressesOf(addresses: readonly NamedAddress[], name: string): string[] {
  return addresses
    .filter((one) => one.nameServer.toLowerCase() === name.toLowerCase())
    .map((one) => one.address)
    .sort();
}

function same(left: readonly string[], right: readonly string[]): boolean {
  const plain = (addresses: readonly string[]) =>
    [...new Set(addresses.map((one) => (one.includes(":") ? expandIpv6(one) : one)))].sort().join();
  return plain(left) === plain(right);
}

function typeOf(address: string): "A" | "AAAA" {
  return address.includes(":") ? "AAAA" : "A";
}
