import { z } from "zod";

const filtersSchema = z.object({
  search: z.string().max(200).optional().catch(undefined),
  tenantId: z.uuid().optional().catch(undefined),
  onlySecurity: z.boolean(),
});
export type UpdateFilters = z.infer<typeof filtersSchema>;

interface Params {
  get(name: string): string | null;
}

/** Reads what the list of waiting updates is narrowed to from its page's address; what does not fit is left out. */
export function readUpdateFilters(params: Params): UpdateFilters {
  return filtersSchema.parse({
    search: params.get("q") ?? undefined,
    tenantId: params.get("customer") ?? undefined,
    onlySecurity: params.get("kind") === "security",
  });
}

/** What the search for a package is asked by; without a text nobody is asked. */
export function readPackageFilters(params: Params): { search: string; tenantId: string | undefined } {
  const { search, tenantId } = readUpdateFilters(params);
  return { search: search?.trim() ?? "", tenantId };
}

/** Whose servers are listed that are to be restarted. */
export function readRestartFilters(params: Params): { tenantId: string | undefined } {
  return { tenantId: readUpdateFilters(params).tenantId };
}

/** Where the servers stand that have a package, in all versions or in one. */
export function packageHref(name: string, version?: string): string {
  return `/updates/packages?q=${encodeURIComponent(version === undefined ? name : `${name} ${version}`)}`;
}

const cveFiltersSchema = z.object({
  search: z.string().max(200).optional().catch(undefined),
  tenantId: z.uuid().optional().catch(undefined),
  fix: z.enum(["waits", "out", "none"]).optional().catch(undefined),
});
export type CveFilters = z.infer<typeof cveFiltersSchema>;

/** Reads what a list of CVEs is narrowed to; what does not fit is left out. */
export function readCveFilters(params: Params): CveFilters {
  return cveFiltersSchema.parse({
    search: params.get("q") ?? undefined,
    tenantId: params.get("customer") ?? undefined,
    fix: params.get("fix") ?? undefined,
  });
}

/** Where the servers stand that are open to a CVE. */
export function cveHref(cve: string): string {
  return `/updates/cves/${encodeURIComponent(cve)}`;
}
