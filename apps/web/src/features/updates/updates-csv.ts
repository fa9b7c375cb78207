import {
  findOpenServers,
  listOpenCves,
  listServerCves,
  listServerPackages,
  listServersToRestart,
  listWaitingUpdates,
  type OpenCve,
  searchPackages,
} from "@mailstead/services/updates";
import { listCsv } from "../../server/csv.ts";
import {
  readCveFilters,
  readPackageFilters,
  readRestartFilters,
  readUpdateFilters,
} from "./update-filters.ts";

export const updatesCsv = listCsv({
  pages: (ctx, params) => (at) => listWaitingUpdates(ctx, { ...readUpdateFilters(params), ...at }),
  rowsPerPage: 200,
  rows: (page) => page.updates,
  columns: {
    source: (row) => row.sourceName,
    version: (row) => row.to,
    security: (row) => row.isSecurity,
    urgency: (row) => row.urgency,
    servers: (row) => row.servers,
    cves: (row) => row.cves.join(" "),
    listed_cves: (row) => row.listedCves.join(" "),
    packages: (row) => row.packages.join(" "),
  },
});

export const packageServersCsv = listCsv({
  pages: (ctx, params) => (at) => searchPackages(ctx, { ...readPackageFilters(params), ...at }),
  rowsPerPage: 500,
  rows: (page) => page.servers,
  columns: {
    server: (row) => row.serverName,
    customer: (row) => row.tenantName,
    architecture: (row) => row.architecture,
    installed: (row) => row.version,
    waits: (row) => row.to,
  },
});

export const restartsCsv = listCsv({
  pages: (ctx, params) => (at) => listServersToRestart(ctx, { ...readRestartFilters(params), ...at }),
  rowsPerPage: 500,
  rows: (page) => page.servers,
  columns: {
    server: (row) => row.serverName,
    customer: (row) => row.tenantName,
    restart: (row) => row.rebootReasons.length > 0,
    newest_kernel: (row) => row.rebootReasons.find((reason) => reason.kind === "kernel")?.newest ?? null,
    services_on_old_files: (row) => row.outdatedUnits.map(({ unit }) => unit).join(" "),
  },
});

export const serverPackagesCsv = listCsv({
  pages: (ctx, params) => {
    const search = params.get("q");
    const asked = { serverId: params.get("server") ?? "", ...(search === null ? {} : { search }) };
    return (at) => listServerPackages(ctx, { ...asked, ...at });
  },
  rowsPerPage: 500,
  rows: (page) => page.packages,
  columns: {
    package: (row) => row.name,
    architecture: (row) => row.architecture,
    source: (row) => row.sourceName,
    installed: (row) => row.version,
    waits: (row) => row.to,
  },
});

const cveColumns = {
  cve: (row: OpenCve) => row.cve,
  source: (row: OpenCve) => row.sourceName,
  urgency: (row: OpenCve) => row.urgency,
  remote: (row: OpenCve) => row.isRemote,
  servers: (row: OpenCve) => row.servers,
  fix_waits: (row: OpenCve) => row.fixWaits,
  fix_out: (row: OpenCve) => row.fixOut,
  fixed_in: (row: OpenCve) => row.fixedVersions.join(" "),
};

export const cvesCsv = listCsv({
  pages: (ctx, params) => (at) => listOpenCves(ctx, { ...readCveFilters(params), ...at }),
  rowsPerPage: 500,
  rows: (page) => page.cves,
  columns: cveColumns,
});

export const serverCvesCsv = listCsv({
  pages: (ctx, params) => {
    const { search, fix } = readCveFilters(params);
    return (at) => listServerCves(ctx, { serverId: params.get("server") ?? "", search, fix, ...at });
  },
  rowsPerPage: 500,
  rows: (page) => page.cves,
  columns: cveColumns,
});

export const openServersCsv = listCsv({
  pages: (ctx, params) => {
    const { tenantId, fix } = readCveFilters(params);
    return (at) => findOpenServers(ctx, { cve: params.get("cve") ?? "", tenantId, fix, ...at });
  },
  rowsPerPage: 500,
  rows: (page) => page.servers,
  columns: {
    server: (row) => row.serverName,
    customer: (row) => row.tenantName,
    source: (row) => row.sourceName,
    installed: (row) => row.sourceVersion,
    waits: (row) => row.to,
    fix: (row) => row.fix,
    fixed_in: (row) => row.fixedVersion,
  },
});
