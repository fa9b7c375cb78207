import type { DomainRole } from "@mailstead/core/domains";
import { ServiceError } from "../context/index.ts";
import type { DomainServer } from "./domain-servers.ts";

/** Throws `conflict` when a domain would send through two servers: its home hands its mail to one. */
export function refuseSecondOutbound(
  name: string,
  { role, hosts }: { role: DomainRole; hosts: readonly DomainServer[] },
): void {
  const outbound = hosts.find((host) => host.role === "outbound" && host.leavesSince === null);
  if (role !== "outbound" || outbound === undefined) return;
  throw new ServiceError(
    "conflict",
    `${name} sends through ${outbound.name} already; take that one off, or give it another role, first.`,
    { field: "role" },
  );
}
