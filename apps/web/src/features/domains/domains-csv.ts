import { listDomains } from "@mailstead/services/domains";
import { listCsv } from "../../server/csv.ts";
import { readDomainFilters } from "./domain-filters.ts";

export const domainsCsv = listCsv({
  pages: (ctx, params) => (at) => listDomains(ctx, { ...readDomainFilters(params), ...at }),
  rowsPerPage: 500,
  rows: (page) => page.domains,
  columns: {
    domain: (row) => row.unicodeName,
    ascii_name: (row) => row.name,
    customer: (row) => row.tenantName,
    servers: (row) => row.serverNames.join(" "),
    mailboxes: (row) => row.mailboxCount,
    records: (row) => row.health,
    records_checked: (row) => row.checkedAt,
    dkim_signs: (row) => row.isSigning,
    added: (row) => row.createdAt,
  },
});
