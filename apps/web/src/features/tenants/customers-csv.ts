import { listTenants } from "@mailstead/services/tenants";
import { listCsv } from "../../server/csv.ts";
import { searchTenants } from "./search-tenants.ts";

export const customersCsv = listCsv({
  pages: (ctx, params) => async () => ({
    tenants: searchTenants(await listTenants(ctx), params.get("q") ?? ""),
    nextCursor: null,
  }),
  rowsPerPage: 0,
  rows: (page) => page.tenants,
  columns: {
    customer: (row) => row.name,
    servers: (row) => row.serverCount,
    domains: (row) => row.domainCount,
    mailboxes: (row) => row.mailboxCount,
    since: (row) => row.createdAt,
  },
});
