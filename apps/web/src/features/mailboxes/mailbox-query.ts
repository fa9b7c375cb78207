/** The question that a list of mailboxes asks, the same on the server that prepares the page. */
export function mailboxQuery(
  domainId: string | undefined,
  search: string,
): { domainId?: string; search?: string } {
  return { ...(domainId === undefined ? {} : { domainId }), ...(search === "" ? {} : { search }) };
}
