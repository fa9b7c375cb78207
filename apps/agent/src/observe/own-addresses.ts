import { networkInterfaces } from "node:os";

/** Addresses of this host, without those of loopback and of a link alone. */
export function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith("fe80:"))
    .map(({ address }) => address)
    .sort()
    .slice(0, 64);
}
