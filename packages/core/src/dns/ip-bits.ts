/** An IP address as a number, with the bits that its family has. */
export interface IpBits {
  width: 32 | 128;
  value: bigint;
}

/**
 * Reads an IPv4 or IPv6 address, strictly as RFC 4291 §2.2 and inet_pton write them; null when it is neither. An
 * IPv4 address that is mapped into IPv6 is the IPv4 address (RFC 7208 §5).
 */
export function ipBits(text: string): IpBits | null {
  if (!text.includes(":")) return ipv4Bits(text);
  const value = ipv6Value(text);
  if (value === null) return null;
  return value >> 32n === 0xffffn ? { width: 32, value: value & 0xffffffffn } : { width: 128, value };
}

/** The one text of an address (RFC 5952): of IPv6 the longest run of zero groups, from two on, is left out. */
export function ipText({ width, value }: IpBits): string {
  const part = (size: number) => (_: unknown, at: number) =>
    (value >> BigInt(width - size * (at + 1))) & ((1n << BigInt(size)) - 1n);
  if (width === 32) return Array.from({ length: 4 }, part(8)).join(".");
  const groups = Array.from({ length: 8 }, part(16))
    .map((group) => group.toString(16))
    .join(":");
  const runs = [...groups.matchAll(/(?<=^|:)0(?::0)+(?=:|$)/g)].sort((a, b) => b[0].length - a[0].length);
  const longest = runs[0];
  if (longest === undefined) return groups;
  const before = groups.slice(0, longest.index).replace(/:$/, "");
  const after = groups.slice(longest.index + longest[0].length).replace(/^:/, "");
  return `${before}::${after}`;
}

/** Whether two addresses of one family share their first bits. Never true across families. */
export function sharesPrefix(left: IpBits, right: IpBits, length: number): boolean {
  const rest = BigInt(left.width - length);
  return left.width === right.width && left.value >> rest === right.value >> rest;
}

function ipv4Bits(text: string): IpBits | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  const octets = match?.slice(1) ?? [];
  if (octets.length === 0 || octets.some((octet) => Number(octet) > 255 || /^0\d/.test(octet))) return null;
  return { width: 32, value: octets.reduce((value, octet) => (value << 8n) | BigInt(octet), 0n) };
}

function ipv6Value(text: string): bigint | null {
  const tail = /^(.*:)([^:]*\.[^:]*)$/.exec(text);
  const embedded = tail === null ? null : ipv4Bits(tail[2] ?? "");
  if (tail !== null && embedded === null) return null;
  const groups =
    embedded === null
      ? text
      : `${tail?.[1]}${(embedded.value >> 16n).toString(16)}:${(embedded.value & 0xffffn).toString(16)}`;
  const halves = groups.split("::");
  if (halves.length > 2) return null;
  const [before = [], after = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - before.length - after.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  const all = [...before, ...Array<string>(halves.length === 1 ? 0 : missing).fill("0"), ...after];
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  return all.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}
