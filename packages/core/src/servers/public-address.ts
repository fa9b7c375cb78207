import type { StackSettings } from "./target-state.ts";

/**
 * True when the world can reach an address of a host: not loopback, link-local, private, shared or unique-local
 * (RFC 1918, RFC 6598, RFC 3927, RFC 4193). Only such an address belongs into DNS.
 */
export function isPublicAddress(address: string): boolean {
  if (address.includes(":")) {
    const text = address.toLowerCase();
    if (text === "::1" || text === "::" || text.startsWith("::ffff:")) return false;
    return !/^(fe[89ab]|f[cd])/.test(text);
  }
  const [first = 0, second = 0] = address.split(".").map(Number);
  if (first === 0 || first === 10 || first === 127 || first >= 224) return false;
  if (first === 100 && second >= 64 && second < 128) return false;
  if (first === 169 && second === 254) return false;
  if (first === 172 && second >= 16 && second < 32) return false;
  return !(first === 192 && second === 168);
}

/** Tells whether an address is of a family that a host serves; what its settings switch off, the world need not find. */
export function isOfFamilies(families: StackSettings["ipFamilies"]): (address: string) => boolean {
  if (families === "dual" || families === "prefer-ipv4") return () => true;
  return (address) => address.includes(":") === (families === "ipv6-only");
}
