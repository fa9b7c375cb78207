/** The question that the audit log asks, the same on the server that prepares the page. */
export function auditQuery(search: string): { search?: string } {
  return search === "" ? {} : { search };
}
