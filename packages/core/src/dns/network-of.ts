import { expandIpv6 } from "./reverse-name.ts";

/** The network that an address is routed with as a rule: the first 24 bits of IPv4, the first 48 of IPv6. */
export function networkOf(address: string): string {
  if (!address.includes(":")) return `${address.split(".").slice(0, 3).join(".")}.0/24`;
  const digits = expandIpv6(address).slice(0, 12);
  return `${digits.match(/.{4}/g)?.join(":")}::/48`;
}
