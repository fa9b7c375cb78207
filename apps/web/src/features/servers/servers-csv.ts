import { listServers } from "@mailstead/services/servers";
import { listCsv } from "../../server/csv.ts";
import { readServerFilters } from "./server-filters.ts";

export const serversCsv = listCsv({
  pages: (ctx, params) => (at) => listServers(ctx, { ...readServerFilters(params), ...at }),
  rowsPerPage: 500,
  rows: (page) => page.servers,
  columns: {
    name: (row) => row.name,
    hostname: (row) => row.hostname,
    customer: (row) => row.tenantName,
    state: (row) => row.status,
    system: (row) => row.osName,
    agent: (row) => row.agentVersion,
    ip_addresses: (row) => row.ipAddresses.join(" "),
    domains: (row) => row.domainCount,
    queue: (row) => row.queueSizeMessages,
    last_seen: (row) => row.lastSeenAt,
    tags: (row) => row.tags.join(" "),
    added: (row) => row.createdAt,
  },
});
