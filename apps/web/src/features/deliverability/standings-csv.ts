import { listStandings } from "@mailstead/services/reputation";
import { listCsv } from "../../server/csv.ts";
import { readFleetFilters, standingsAsk } from "./fleet-filters.ts";

export const standingsCsv = listCsv({
  pages: (ctx, params) => (at) => listStandings(ctx, { ...standingsAsk(readFleetFilters(params)), ...at }),
  rowsPerPage: 5000,
  rows: (page) => page.rows,
  columns: {
    name: (row) => row.name,
    customer: (row) => row.tenantName,
    worst_reputation: ({ standings: [worst] }) => worst.reputation,
    since: ({ standings: [worst] }) => worst.since,
    reason: ({ standings: [worst] }) => worst.reason,
    receivers: ({ standings }) =>
      standings.map(({ provider, reputation }) => `${provider ?? "other"}:${reputation}`).join(" "),
    messages_week: (row) => row.messages,
  },
});
