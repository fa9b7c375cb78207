import { listAudit } from "@mailstead/services/audit";
import { listCsv } from "../../server/csv.ts";
import { auditQuery } from "./audit-query.ts";

export const auditCsv = listCsv({
  pages: (ctx, params) => (at) => listAudit(ctx, { ...auditQuery(params.get("q") ?? ""), ...at }),
  rowsPerPage: 200,
  rows: (page) => page.entries,
  columns: {
    at: (row) => row.at,
    who: (row) => row.actorName,
    kind: (row) => row.actorKind,
    what: (row) => row.action,
    on_kind: (row) => row.subjectKind,
    on: (row) => row.subjectName,
    before: (row) => (row.before === null ? null : JSON.stringify(row.before)),
    after: (row) => (row.after === null ? null : JSON.stringify(row.after)),
    request: (row) => row.requestId,
  },
});
