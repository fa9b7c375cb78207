import { listRolloutMembers } from "@mailstead/services/rollouts";
import { listCsv } from "../../server/csv.ts";
import { readMemberFilters } from "./member-filters.ts";

export const rolloutServersCsv = listCsv({
  pages: (ctx, params) => (at) =>
    listRolloutMembers(ctx, { rolloutId: params.get("rollout") ?? "", ...readMemberFilters(params), ...at }),
  rowsPerPage: 200,
  rows: (page) => page.members,
  columns: {
    server: (row) => row.name,
    hostname: (row) => row.hostname,
    customer: (row) => row.tenantName,
    wave: (row) => row.wave,
    state: (row) => row.state,
    since: (row) => row.stateSince,
    says: (row) => row.sentence,
    id: (row) => row.id,
  },
});
