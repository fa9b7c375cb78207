import { networkInterfaces } from "node:os";

/**
 * Names the address of this host from which mail goes to another: its first of the same family that is no link's own
 * (RFC 4291 §2.5.6). Null where it has none of that family.
 */
export function ownAddressFor(interfaces = networkInterfaces()): (relayAddress: string) => string | null {
  const own = Object.values(interfaces)
    .flatMap((entries) => entries ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith("fe80:"));
  const first = (family: "IPv4" | "IPv6") => own.find((entry) => entry.family === family)?.address ?? null;
  const addresses = { IPv4: first("IPv4"), IPv6: first("IPv6") };
  return (relayAddress) => (relayAddress.includes(":") ? addresses.IPv6 : addresses.IPv4);
}
