const parameters = ["q", "state", "customer", "tags", "sort"] as const;

/** In an address that asks for all rows although the person's list opens with a filter. */
export const allRows = "all";

/** What an address asks of a list, in one order, so that two that ask for the same are the same text. */
export function filterInAddress(params: { get(name: string): string | null }): string {
  const asked = new URLSearchParams();
  for (const name of parameters) {
    const value = params.get(name);
    if (value !== null && value !== "") asked.set(name, value);
  }
  return asked.toString();
}

/** The changes of an address that lead from whatever it asks for to what a saved filter asks for; null is all rows. */
export function changesTo(query: string | null): Record<string, string | null> {
  const wanted = new URLSearchParams(query ?? "");
  return {
    ...Object.fromEntries(parameters.map((name) => [name, wanted.get(name)])),
    [allRows]: query === null ? "1" : null,
  };
}
