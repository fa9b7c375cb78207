import type { JobVerb } from "@mailstead/core/jobs";

/** What a server can be told to do with an account. */
export const holdVerbs = ["hold-account", "release-account"] as const satisfies readonly JobVerb[];
export type HoldVerb = (typeof holdVerbs)[number];

/** An account as one server knows it; a mailbox may send by several. */
export function accountOrderKey(serverId: string, address: string): string {
  return `${serverId} ${address}`;
}
