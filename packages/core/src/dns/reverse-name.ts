/**
 * The name under which an address's PTR record stands (RFC 1035 §3.5, RFC 3596 §2.5). The address must be a valid
 * IPv4 or IPv6 text; an IPv4 tail inside an IPv6 address is not taken.
 *
 * @example reverseName("198.51.100.11") // "11.100.51.198.in-addr.arpa"
 */
export function reverseName(address: string): string {
  if (!address.includes(":")) return `${address.split(".").reverse().join(".")}.in-addr.arpa`;
  const digits = expandIpv6(address);
  let name = "ip6.arpa";
  for (let at = 0; at < digits.length; at += 1) name = `${digits.charAt(at)}.${name}`;
  return name;
}

/** All 32 hexadecimal digits of an IPv6 address, in order. */
export function expandIpv6(address: string): string {
  const [head = "", tail] = address.toLowerCase().split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const missing = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array<string>(Math.max(missing, 0)).fill("0"), ...after]
    .map((group) => group.padStart(4, "0"))
    .join("");
}
