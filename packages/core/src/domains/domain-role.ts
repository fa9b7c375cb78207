/**
 * What a server does for a domain. home: holds the mailboxes, receives and sends; each domain has one. mx: receives
 * beside the home and hands on to it. backup-mx: does the same while nobody else answers. outbound: sends all that the
 * home would send, and what people hand in there. sender: sends only what people and programs hand in there.
 */
export const domainRoles = ["home", "mx", "backup-mx", "outbound", "sender"] as const;
export type DomainRole = (typeof domainRoles)[number];

/** What a server can do beside the home. */
export const helperRoles = ["mx", "backup-mx", "outbound", "sender"] as const;
export type HelperRole = (typeof helperRoles)[number];

/** The home is the first of them, so that a list of a domain's servers can be sorted by it. */
export function roleOrder(role: DomainRole): number {
  return domainRoles.indexOf(role);
}

/** Whether other servers bring the domain's mail here. */
export function receivesMail(role: DomainRole): boolean {
  return role === "home" || role === "mx" || role === "backup-mx";
}

/** Whether people sign in here to send in the domain's name, which only then needs keys to sign with. */
export function signsMail(role: DomainRole): boolean {
  return role === "home" || role === "outbound" || role === "sender";
}
