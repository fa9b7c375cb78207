import { findMailboxes } from "@mailstead/services/mailboxes";
import { listCsv } from "../../server/csv.ts";
import { readMailboxFilters } from "./mailbox-filters.ts";

export const mailboxesCsv = listCsv({
  pages: (ctx, params) => (at) =>
    findMailboxes(ctx, { ...readMailboxFilters(params, params.get("domain") ?? undefined), ...at }),
  rowsPerPage: 500,
  rows: (page) => page.mailboxes,
  columns: {
    address: (row) => row.address,
    domain: (row) => row.domainName,
    enabled: (row) => row.isEnabled,
    quota_bytes: (row) => row.quotaBytes,
    created: (row) => row.createdAt,
  },
});
