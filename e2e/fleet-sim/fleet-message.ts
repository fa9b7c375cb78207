import { createPrivateKey } from "node:crypto";
import type { FaultShares } from "./faults.ts";
import type { FleetMember } from "./fleet.ts";
import type { SimulatedIdentity } from "./identity.ts";
import type { FleetTally } from "./tally.ts";

/** A member on its way to another process; keys travel as PKCS #8, base64. */
export interface SentMember {
  readonly number: number;
  readonly identity: Omit<SimulatedIdentity, "privateKey"> & { readonly privateKey: string };
}

/** What a process of a fleet is told first. */
export interface FleetOrder {
  readonly kind: "open";
  readonly members: readonly SentMember[];
  readonly gatewayUrl: string | null;
  readonly shares: FaultShares;
  readonly seed: number;
  readonly rowsPerMinute: number;
  readonly startWithinMs: number;
  /** PEM of an authority to trust beside those of the system. */
  readonly authority: string | null;
  readonly localAddress: string | null;
}

export type ToProcess =
  | FleetOrder
  /** Asks for each order's moment from now on, or no longer. */
  | { readonly kind: "watch"; readonly isOn: boolean }
  | { readonly kind: "ask-starts" }
  | { readonly kind: "close" };

export type FromProcess =
  | { readonly kind: "tally"; readonly tally: FleetTally }
  /** Milliseconds since 1970, with fractions: processes of one machine share that clock. */
  | { readonly kind: "orders"; readonly orders: readonly (readonly [jobId: string, atMs: number])[] }
  | { readonly kind: "starts"; readonly starts: readonly (readonly [jobId: string, starts: number])[] };

export function sendable({ number, identity }: FleetMember): SentMember {
  const privateKey = identity.privateKey.export({ format: "der", type: "pkcs8" }).toString("base64");
  return { number, identity: { ...identity, privateKey } };
}

export function received({ number, identity }: SentMember): FleetMember {
  const der = Buffer.from(identity.privateKey, "base64");
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  return { number, identity: { ...identity, privateKey } };
}

/** The moment, finer than Date.now tells it. */
export function preciseNowMs(): number {
  return performance.timeOrigin + performance.now();
}
