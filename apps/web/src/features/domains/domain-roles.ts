import { type DomainRole, type HelperRole, helperRoles, receivesMail } from "@mailstead/core/domains";

/** Whether other servers bring mail to a server of this role. */
export const receives = receivesMail;

/** Between which roles a server can change while it works: one that receives goes on receiving, one that sends goes on sending. */
export function otherRoles(role: DomainRole): HelperRole[] {
  return helperRoles.filter((other) => other !== role && receivesMail(other) === receivesMail(role));
}

/** What a server does for a domain, seen beside the others. */
export type Duty =
  | { kind: DomainRole | "home-receives" }
  /** It sends when the first one does not answer. */
  | { kind: "outbound-next"; first: string };

/** The duty of each server that stays, given in the order in which they were added. */
export function duties(
  servers: readonly { id: string; name: string; role: DomainRole; leavesSince: Date | null }[],
): Map<string, Duty> {
  const staying = servers.filter(({ leavesSince }) => leavesSince === null);
  const first = staying.find(({ role }) => role === "outbound");
  return new Map(
    staying.map(({ id, role }): [string, Duty] => {
      if (role === "home" && first !== undefined) return [id, { kind: "home-receives" }];
      if (role === "outbound" && first !== undefined && first.id !== id)
        return [id, { kind: "outbound-next", first: first.name }];
      return [id, { kind: role }];
    }),
  );
}
