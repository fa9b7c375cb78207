import { listAliases } from "@mailstead/services/mailboxes";
import { listCsv } from "../../server/csv.ts";
import { aliasQuery } from "./alias-query.ts";

export const aliasesCsv = listCsv({
  pages: (ctx, params) => (at) =>
    listAliases(ctx, { ...aliasQuery(params.get("domain") ?? "", params.get("q") ?? ""), ...at }),
  rowsPerPage: 500,
  rows: (page) => page.aliases,
  columns: {
    address: (row) => row.address,
    catch_all: (row) => row.isCatchAll,
    destinations: (row) => row.destinations.join(" "),
    created: (row) => row.createdAt,
  },
});
