import { type DomainRole, type HelperRole, helperRoles, receivesMail } from "@mailstead/core/domains";

/** Whether other servers bring mail to a server of this role. */
export const receives = receivesMail;

/** Between which roles a server can change while it works: one that receives goes on receiving, one that sends goes on sending. */
export function otherRoles(role: DomainRole): HelperRole[] {
  return helperRoles.filter((other) => other !== role && receivesMail(other) === receivesMail(role));
}
