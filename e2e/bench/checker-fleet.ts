import { type PlannedRecord, planRecords } from "@mailstead/core/dns";
import { addressPair } from "../lab/addresses.ts";

/** The fleet whose domains the checker bench checks; both of its processes know it. */
export const domainCount = 1000;
export const benchTld = "bench";
export const hostZone = `msp.${benchTld}`;
export const hostname = `mx1.${hostZone}`;
export const hostAddresses = addressPair(11);
export const selector = "ms202601a";
// The length of an RSA-2048 key, since answers that need TCP are a part of the work.
export const publicKey = "A".repeat(392);

export function domainNames(): string[] {
  return Array.from(
    { length: domainCount },
    (_, number) => `d${String(number).padStart(4, "0")}.${benchTld}`,
  );
}

/** Every record that a domain of the fleet needs. */
export function recordsOf(domain: string): PlannedRecord[] {
  return planRecords({
    domain,
    servers: [
      {
        hostname,
        ipAddresses: [hostAddresses.ipv4, hostAddresses.ipv6],
        relays: [],
        serves: { web: true },
      },
    ],
    dkimKeys: [{ domain, selector, algorithm: "rsa-2048", publicKey }],
  });
}
