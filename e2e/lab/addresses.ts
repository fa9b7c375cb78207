/**
 * The lab's own Internet. Documentation ranges (RFC 5737, RFC 3849) and not private ones: Rspamd checks
 * neither SPF, DKIM nor DMARC for mail from addresses that it counts as local.
 */
export const ipv4Prefix = "198.51.100";
export const ipv6Prefix = "2001:db8:51:";

export interface AddressPair {
  readonly ipv4: string;
  readonly ipv6: string;
}

/** The two addresses of the machine with this last number. */
export function addressPair(last: number): AddressPair {
  return { ipv4: `${ipv4Prefix}.${last}`, ipv6: `${ipv6Prefix}:${last}` };
}

/** The lab's side of everything that lies outside: the control plane's relays and apt's proxy. */
export const gatewayAddress = addressPair(1);
export const authorityAddress = addressPair(2);
/** The lab's public certificate authority, acme.lab. */
export const acmeAddress = addressPair(5);
export const resolverAddress = addressPair(53);
export const receiverAddresses = {
  gmail: addressPair(21),
  outlook: addressPair(22),
  yahoo: addressPair(23),
  receiver: addressPair(24),
  "t-online": addressPair(25),
  gmx: addressPair(26),
} as const;
export const firstHostNumber = 11;

export const aptProxyPort = 3142;
/** Owners' names of hosts that were given none of their own. */
export const defaultHostDomain = "fleet.example";
export const controlName = "control.lab";

/** The name under which the PTR record of an address stands. Takes the two families that the lab has. */
export function reverseName(address: string): string {
  if (address.includes(".")) return `${address.split(".").reverse().join(".")}.in-addr.arpa.`;
  const [head = "", tail = ""] = address.split("::");
  const groups = (text: string): string[] => (text === "" ? [] : text.split(":"));
  const missing = 8 - groups(head).length - groups(tail).length;
  const full = [...groups(head), ...Array<string>(missing).fill("0"), ...groups(tail)];
  const digits = full.map((group) => group.padStart(4, "0")).join("");
  return `${[...digits].reverse().join(".")}.ip6.arpa.`;
}

export const reverseZones = ["100.51.198.in-addr.arpa", "0.0.0.0.1.5.0.0.8.b.d.0.1.0.0.2.ip6.arpa"] as const;
