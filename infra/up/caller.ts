import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import { StartError } from "./start-error.ts";

/** Who asks, and by which protocol their connection began. */
export interface Caller {
  readonly address: string;
  readonly protocol: string;
}

export type FindCaller = (incoming: IncomingMessage) => Caller;

/**
 * Makes the function that names a request's caller. Only a peer in `trustedProxies` is believed about others: the
 * caller is then the rightmost hop that is none of them, since all to the left of it is the caller's own word.
 */
export function makeFindCaller(trustedProxies: readonly string[], protocol: string): FindCaller {
  const trusted = new BlockList();
  for (const network of trustedProxies) {
    const { address, prefix, family } = splitNetwork(network);
    trusted.addSubnet(address, prefix, family);
  }
  const isTrusted = (address: string) => trusted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
  return ({ headers, socket }) => {
    const peer = plainAddress(socket.remoteAddress ?? "");
    if (isIP(peer) === 0 || !isTrusted(peer)) return { address: peer, protocol };
    const claimed = lastOf(headers["x-forwarded-proto"]);
    return {
      address: rightmostStranger([...hopsOf(headers["x-forwarded-for"]), peer], isTrusted),
      protocol: claimed === "http" || claimed === "https" ? claimed : protocol,
    };
  };
}

/** Reads a list like "127.0.0.1, 10.0.0.0/8". Throws StartError that names the entry that is no network. */
export function parseTrustedProxies(text: string | undefined): readonly string[] {
  const entries = (text ?? "").split(",").map((entry) => entry.trim());
  return entries
    .filter((entry) => entry !== "")
    .map((entry) => {
      const { address, prefix, family } = splitNetwork(entry);
      const longest = family === "ipv6" ? 128 : 32;
      if (isIP(address) === 0 || !/^[^/]+(\/\d+)?$/.test(entry) || prefix > longest)
        throw new StartError(
          `TRUSTED_PROXIES must list addresses or networks like 127.0.0.1, 10.0.0.0/8, and "${entry}" is none; correct it, or unset it when no proxy stands in front.`,
        );
      return `${address}/${prefix}`;
    });
}

function splitNetwork(network: string) {
  const [address = "", prefix] = network.split("/");
  const family = isIP(address) === 6 ? ("ipv6" as const) : ("ipv4" as const);
  return { address, prefix: prefix === undefined ? (family === "ipv6" ? 128 : 32) : Number(prefix), family };
}

/** The hops from the right for as long as they are ours, and then one more; what is no address ends the walk. */
function rightmostStranger(hops: readonly string[], isTrusted: (address: string) => boolean): string {
  let caller = hops.at(-1) ?? "";
  for (const hop of hops.toReversed()) {
    if (isIP(hop) === 0) break;
    caller = hop;
    if (!isTrusted(hop)) break;
  }
  return caller;
}

function hopsOf(header: string | string[] | undefined): string[] {
  return [header ?? []].flat().flatMap((line) => line.split(",").map((hop) => plainAddress(hop.trim())));
}

function lastOf(header: string | string[] | undefined): string | undefined {
  return [header ?? []].flat().join(",").split(",").at(-1)?.trim().toLowerCase();
}

function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=[\d.]+$)/i, "");
}
