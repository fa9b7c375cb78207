import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import type { Resolver } from "./resolver.ts";

const dnsPort = 53;

/**
 * The resolver to ask: the configured `address` or `address#port` (port 53 unless told), else the first of the
 * machine's own. Throws when the configured text is neither.
 */
export function resolverFromText(configured: string | undefined): Resolver {
  if (configured !== undefined && configured !== "") return parse(configured);
  const line = /^nameserver\s+(\S+)/m.exec(readFileSync("/etc/resolv.conf", "utf8"));
  return { address: line?.[1] ?? "127.0.0.1", port: dnsPort, authorityPort: dnsPort };
}

function parse(text: string): Resolver {
  const [address = "", port] = text.split("#");
  if (isIP(address) === 0 || (port !== undefined && !/^\d{1,5}$/.test(port)))
    throw new Error(
      `DNS_RESOLVER is "${text}", which is not an IP address; write it like 9.9.9.9 or 127.0.0.1#5353.`,
    );
  return { address, port: port === undefined ? dnsPort : Number(port), authorityPort: dnsPort };
}
