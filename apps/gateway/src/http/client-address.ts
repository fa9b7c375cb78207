import type { IncomingMessage } from "node:http";
import { BlockList, isIPv6 } from "node:net";
import { clientNetwork } from "@mailstead/core/access";

/** Where a reverse proxy of ours stands: this machine or its private network (RFC 1918, RFC 4193). */
const proxies = new BlockList();
proxies.addSubnet("127.0.0.0", 8, "ipv4");
proxies.addSubnet("10.0.0.0", 8, "ipv4");
proxies.addSubnet("172.16.0.0", 12, "ipv4");
proxies.addSubnet("192.168.0.0", 16, "ipv4");
proxies.addAddress("::1", "ipv6");
proxies.addSubnet("fc00::", 7, "ipv6");

/**
 * The address of whoever asks. Only a proxy of ours is believed about it, and only in what it added itself, which is
 * the last entry.
 */
export function clientAddress(request: IncomingMessage): string {
  const peer = (request.socket.remoteAddress ?? "unknown").replace(/^::ffff:/, "");
  const forwarded = request.headers["x-forwarded-for"];
  const last = (Array.isArray(forwarded) ? forwarded.join(",") : (forwarded ?? "")).split(",").at(-1)?.trim();
  return last && proxies.check(peer, isIPv6(peer) ? "ipv6" : "ipv4") ? last : peer;
}

/** Whom attempts from an address are counted for. Whoever has one address of an IPv6 /64 usually has all of it. */
export function countedAs(address: string): string {
  return isIPv6(address) ? clientNetwork(address) : address;
}
