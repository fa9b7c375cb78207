/** The question that a list of aliases asks, the same on the server that prepares the page. */
export function aliasQuery(domainId: string, search: string): { domainId: string; search?: string } {
  return { domainId, ...(search === "" ? {} : { search }) };
}
