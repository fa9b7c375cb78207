import { expandIpv6 } from "../dns/index.ts";

/**
 * The network that a client's address stands for: its /24 or /64, since one customer of a provider usually has all of
 * it. What is no address is a network of its own.
 *
 * @example clientNetwork("2001:db8::7") // "2001:0db8:0000:0000::/64"
 */
export function clientNetwork(address: string): string {
  const plain = address.toLowerCase().replace(/^::ffff:(?=[\d.]+$)/, "");
  if (/^\d+\.\d+\.\d+\.\d+$/.test(plain)) return `${plain.slice(0, plain.lastIndexOf("."))}.0/24`;
  if (!/^[0-9a-f:.]+(%|$)/.test(plain) || !plain.includes(":")) return plain;
  const groups = expandIpv6(plain.replace(/%.*/, "")).slice(0, 16).match(/.{4}/g) ?? [];
  return `${groups.join(":")}::/64`;
}
