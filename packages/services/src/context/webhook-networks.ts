import { BlockList, isIP } from "node:net";

/** Networks that no webhook leads to: this machine, those around it, and what stands for an address of IPv4 in IPv6. */
const closedNetworks: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
];
/** Of IPv6 only what is given out to the world (RFC 4291 §2.4), without those that lead to IPv4 or to nobody. */
const openIpv6: readonly [string, number] = ["2000::", 3];
const closedIpv6: readonly (readonly [string, number])[] = [
  ["2001::", 32],
  ["2002::", 16],
];

const closed = new BlockList();
for (const [network, prefix] of closedNetworks) closed.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of closedIpv6) closed.addSubnet(network, prefix, "ipv6");
const open = new BlockList();
open.addSubnet(...openIpv6, "ipv6");

/** Whether webhooks may lead to an address. `allowed` are networks of the installation's own, which are closed else. */
export function isWebhookTarget(address: string, allowed: readonly string[] = []): boolean {
  const version = isIP(address);
  if (version === 0) return false;
  const family = version === 4 ? "ipv4" : "ipv6";
  if (isWithin(address, allowed)) return true;
  return !closed.check(address, family) && (version === 4 || open.check(address, family));
}

function isWithin(address: string, networks: readonly string[]): boolean {
  const list = new BlockList();
  for (const text of networks) {
    const { network, prefix } = networkFrom(text);
    list.addSubnet(network, prefix, isIP(network) === 4 ? "ipv4" : "ipv6");
  }
  return list.check(address, isIP(address) === 4 ? "ipv4" : "ipv6");
}

/** Reads WEBHOOK_NETWORKS: networks of one's own that webhooks may lead to, like 10.20.0.0/16. Throws a sentence for what is none. */
export function webhookNetworksFrom(text: string | undefined): readonly string[] {
  const networks = (text ?? "").split(/[\s,]+/).filter((one) => one !== "");
  for (const one of networks) networkFrom(one);
  return networks;
}

function networkFrom(text: string): { network: string; prefix: number } {
  const [network = "", bits = ""] = text.split("/");
  const version = isIP(network);
  const prefix = Number(bits);
  const isRight = version !== 0 && /^\d{1,3}$/.test(bits) && prefix <= (version === 4 ? 32 : 128);
  if (!isRight)
    throw new Error(`WEBHOOK_NETWORKS has "${text}", which is no network; write it like 10.20.0.0/16.`);
  return { network, prefix };
}
