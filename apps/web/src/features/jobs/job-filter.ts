export type JobListFilter = "active" | "failed" | null;

/** Reads which jobs to show from an address. */
export function readJobFilter(params: { get(name: string): string | null }): JobListFilter {
  const state = params.get("state");
  return state === "active" || state === "failed" ? state : null;
}

/** The question that the table asks, the same on the server that prepares the page. */
export function jobQuery(
  serverId: string | undefined,
  filter: JobListFilter,
): { serverId?: string; filter?: "active" | "failed" } {
  return { ...(serverId === undefined ? {} : { serverId }), ...(filter === null ? {} : { filter }) };
}
